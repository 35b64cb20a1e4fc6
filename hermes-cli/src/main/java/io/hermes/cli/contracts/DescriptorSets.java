package io.hermes.cli.contracts;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.hermes.ContractException;
import io.hermes.contract.TopicProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The .proto files of several descriptor sets. Each set includes the files that it imports, so the
 * same file can occur several times, also in different versions; that is an error only if a
 * contract uses a type that two sets define differently. For one thread.
 */
final class DescriptorSets {

  private static final String WRITE_IT =
      "Write it with protoc --include_imports --descriptor_set_out, or with buf build.";
  private static final ExtensionRegistry OPTIONS = ExtensionRegistry.newInstance();

  static {
    TopicProto.registerAllExtensions(OPTIONS);
  }

  /** A top-level message or enum, and the first set that defines it. */
  private record Definition(MessageLite type, String set) {}

  private final Map<String, FileDescriptorProto> sources = new LinkedHashMap<>();
  private final Map<String, Definition> definitions = new HashMap<>();
  private final Map<String, String> conflicts = new HashMap<>(); // type to the second set
  private final Map<String, FileDescriptor> built = new LinkedHashMap<>();
  private final @Nullable DescriptorSets imports;

  /**
   * Starts without sets.
   *
   * @param imports the source of imported files that are in none of the sets; null for none
   */
  DescriptorSets(@Nullable DescriptorSets imports) {
    this.imports = imports;
  }

  /** Adds the sets in a folder, which may be in a jar; returns their number. */
  int addFolder(Path folder, String name) throws IOException {
    int count = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".binpb")).sorted().toList()) {
        add(file, name + (name.endsWith(".jar") ? "!" + file : "/" + file.getFileName()));
        count++;
      }
    }
    return count;
  }

  /**
   * Adds a set.
   *
   * @throws ContractException if it is not a descriptor set
   */
  void add(Path file, String name) throws IOException {
    FileDescriptorSet set;
    try (InputStream in = Files.newInputStream(file)) {
      set = FileDescriptorSet.parseFrom(in, OPTIONS);
    } catch (InvalidProtocolBufferException e) {
      throw new ContractException(
          name + " is not a descriptor set, or is damaged: " + e.getMessage(), WRITE_IT);
    }
    if (set.getFileCount() == 0) {
      throw new ContractException(
          name + " is not a descriptor set: it contains no .proto file.", WRITE_IT);
    }
    set.getFileList().forEach(source -> add(source, name));
  }

  private void add(FileDescriptorProto source, String set) {
    FileDescriptorProto before = sources.putIfAbsent(source.getName(), source);
    boolean dropped = before != null && !before.equals(source);
    source.getMessageTypeList().forEach(type -> define(source, type.getName(), type, set, dropped));
    source.getEnumTypeList().forEach(type -> define(source, type.getName(), type, set, dropped));
  }

  /** Records a type. Rejects a contract that exists only in the dropped version of its file. */
  private void define(
      FileDescriptorProto file, String name, MessageLite type, String set, boolean dropped) {
    String fullName = file.getPackage().isEmpty() ? name : file.getPackage() + "." + name;
    Definition first = definitions.putIfAbsent(fullName, new Definition(type, set));
    if (first != null && !first.type.equals(type)) {
      conflicts.putIfAbsent(fullName, set);
    } else if (first == null && dropped && isContract(type)) {
      throw new ContractException(
          "%s of %s is not in another version of %s that was found first. Use the same version of it."
              .formatted(fullName, set, file.getName()));
    }
  }

  private static boolean isContract(MessageLite type) {
    return type instanceof DescriptorProto message
        && message.getOptions().hasExtension(TopicProto.topic);
  }

  /** All files. After {@link #build()} these include imports from elsewhere. */
  FileDescriptorSet merged() {
    return FileDescriptorSet.newBuilder().addAllFile(sources.values()).build();
  }

  /**
   * All files.
   *
   * @throws ContractException if an import is missing, or a file is invalid
   */
  Collection<FileDescriptor> build() {
    List<FileDescriptor> files = new ArrayList<>();
    for (String name : List.copyOf(sources.keySet())) {
      files.add(build(name, null));
    }
    return files;
  }

  private FileDescriptor build(String name, @Nullable String importer) {
    FileDescriptor done = built.get(name);
    if (done != null) {
      return done;
    }
    FileDescriptorProto source = sources.get(name);
    if (source == null && imports != null) {
      source = imports.sources.get(name);
    }
    if (source == null) {
      throw new ContractException(
          "%s imports %s, which is in none of the descriptor sets. Write them with protoc"
                  .formatted(importer, name)
              + " --include_imports, or with buf build.");
    }
    sources.putIfAbsent(name, source);
    FileDescriptor[] needed =
        source.getDependencyList().stream()
            .map(imported -> build(imported, name))
            .toArray(FileDescriptor[]::new);
    try {
      FileDescriptor file = FileDescriptor.buildFrom(source, needed);
      built.put(name, file);
      return file;
    } catch (DescriptorValidationException e) {
      throw new ContractException(name + " in the descriptor sets: " + e.getMessage());
    }
  }

  /**
   * Rejects a contract that uses a type with two definitions.
   *
   * @throws ContractException naming the type and the sets
   */
  void checkConflicts(Descriptor contract) {
    checkConflicts(contract, contract, new HashSet<>());
  }

  private void checkConflicts(Descriptor contract, Descriptor message, Set<String> seen) {
    if (!seen.add(message.getFullName())) {
      return;
    }
    Descriptor outermost = message;
    while (outermost.getContainingType() != null) {
      outermost = outermost.getContainingType();
    }
    refuse(contract, outermost.getFullName());
    for (FieldDescriptor field : message.getFields()) {
      switch (field.getJavaType()) {
        case MESSAGE -> checkConflicts(contract, field.getMessageType(), seen);
        case ENUM -> {
          if (field.getEnumType().getContainingType() == null) {
            refuse(contract, field.getEnumType().getFullName());
          }
        }
        default -> {}
      }
    }
  }

  private void refuse(Descriptor contract, String type) {
    String second = conflicts.get(type);
    Definition first = definitions.get(type);
    if (second != null && first != null) {
      throw new ContractException(
          "%s and %s define %s differently%s. Use the same version of it."
              .formatted(
                  first.set,
                  second,
                  type,
                  type.equals(contract.getFullName())
                      ? ""
                      : ", which " + contract.getFullName() + " uses"));
    }
  }
}
