package io.hermes.contract.schema;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import io.hermes.contract.TopicContract;
import io.hermes.contract.TopicProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The messages of a descriptor set (written by {@code protoc --include_imports
 * --descriptor_set_out} or {@code buf build}) and their topic contracts. Immutable.
 */
public final class SchemaSet {

  private final Map<String, Descriptor> messages;

  private SchemaSet(Map<String, Descriptor> messages) {
    this.messages = messages;
  }

  /**
   * Reads a serialized {@code FileDescriptorSet} that includes its imports.
   *
   * @throws SchemaException if the bytes are not a descriptor set, or an import is missing
   */
  public static SchemaSet parse(byte[] descriptorSet) {
    // Without the registry, every contract would be parsed into the unknown fields.
    ExtensionRegistry registry = ExtensionRegistry.newInstance();
    TopicProto.registerAllExtensions(registry);
    FileDescriptorSet set;
    try {
      set = FileDescriptorSet.parseFrom(descriptorSet, registry);
    } catch (InvalidProtocolBufferException e) {
      throw new SchemaException(
          "These bytes are not a descriptor set; create one with protoc --include_imports"
              + " --descriptor_set_out.",
          e);
    }
    if (set.getFileCount() == 0) {
      throw new SchemaException("The descriptor set is empty: it contains no .proto file.");
    }
    return of(set);
  }

  private static SchemaSet of(FileDescriptorSet set) {
    Map<String, FileDescriptorProto> protos = new LinkedHashMap<>();
    set.getFileList().forEach(file -> protos.put(file.getName(), file));
    Linker linker = new Linker(protos);
    Map<String, Descriptor> messages = new LinkedHashMap<>();
    for (String name : protos.keySet()) {
      linker
          .link(name, name)
          .getMessageTypes()
          .forEach(message -> addWithNested(message, messages));
    }
    return new SchemaSet(messages);
  }

  private static void addWithNested(Descriptor message, Map<String, Descriptor> messages) {
    messages.put(message.getFullName(), message);
    message.getNestedTypes().forEach(nested -> addWithNested(nested, messages));
  }

  /** Returns the message with that full name, such as {@code hermes.events.v1.UserEvent}. */
  public Optional<Descriptor> message(String fullName) {
    return Optional.ofNullable(messages.get(fullName));
  }

  /** Returns all messages with a topic contract, in the order of the set. */
  public List<Descriptor> events() {
    return messages.values().stream().filter(message -> contract(message).isPresent()).toList();
  }

  /** Returns the events on that topic. */
  public List<Descriptor> events(String topic) {
    return events().stream()
        .filter(message -> contract(message).orElseThrow().getName().equals(topic))
        .toList();
  }

  /** Returns the topic contract of a message, if any. */
  public static Optional<TopicContract> contract(Descriptor message) {
    return message.getOptions().hasExtension(TopicProto.topic)
        ? Optional.of(message.getOptions().getExtension(TopicProto.topic))
        : Optional.empty();
  }

  /** Converts files to descriptors, imports first. */
  private static final class Linker {

    private final Map<String, FileDescriptorProto> unlinked;
    private final Map<String, FileDescriptor> linked = new LinkedHashMap<>();

    Linker(Map<String, FileDescriptorProto> protos) {
      this.unlinked = new HashMap<>(protos);
    }

    FileDescriptor link(String name, String importedBy) {
      FileDescriptor known = linked.get(name);
      if (known != null) {
        return known;
      }
      // Removed while it is being linked, so that a file that imports itself is not found again.
      FileDescriptorProto proto = unlinked.remove(name);
      if (proto == null) {
        throw new SchemaException(
            importedBy
                + " imports "
                + name
                + ", which is not in the descriptor set, or imports itself; create the set"
                + " with protoc --include_imports.");
      }
      List<FileDescriptor> imports = new ArrayList<>();
      for (String dependency : proto.getDependencyList()) {
        imports.add(link(dependency, name));
      }
      try {
        FileDescriptor file =
            FileDescriptor.buildFrom(proto, imports.toArray(FileDescriptor[]::new));
        linked.put(name, file);
        return file;
      } catch (DescriptorValidationException e) {
        throw new SchemaException(name + " is not a valid schema: " + e.getMessage(), e);
      }
    }
  }
}
