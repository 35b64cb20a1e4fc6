package io.hermes.cli;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.ExtensionRegistry;
import io.hermes.contract.TopicProto;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** Another service's schema, as protoc compiled it in this build, and jars of it. */
public final class Acme {

  /** The file of the contract. */
  public static final String PARCEL = "acme/shipping/v1/parcel_shipped.proto";

  /** A file that it imports. */
  public static final String ADDRESS = "acme/shipping/v1/address.proto";

  private Acme() {}

  /** The descriptor set with its imports. */
  public static FileDescriptorSet descriptors() throws IOException {
    ExtensionRegistry options = ExtensionRegistry.newInstance();
    TopicProto.registerAllExtensions(options);
    try (InputStream in = Acme.class.getResourceAsStream("/acme.binpb")) {
      return FileDescriptorSet.parseFrom(Objects.requireNonNull(in), options);
    }
  }

  /** The set with one of its files changed, or left out if that becomes empty. */
  public static FileDescriptorSet with(String name, UnaryOperator<FileDescriptorProto> change)
      throws IOException {
    FileDescriptorSet.Builder changed = FileDescriptorSet.newBuilder();
    for (FileDescriptorProto file : descriptors().getFileList()) {
      FileDescriptorProto one = file.getName().equals(name) ? change.apply(file) : file;
      if (one.getSerializedSize() > 0) {
        changed.addFile(one);
      }
    }
    return changed.build();
  }

  /** Writes a set to a file. */
  public static Path file(Path file, FileDescriptorSet set) throws IOException {
    return Files.write(file, set.toByteArray());
  }

  /** Writes a jar with a set, as a schema module is packaged. */
  public static Path jar(Path file, FileDescriptorSet set) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out)) {
      jar.putNextEntry(new JarEntry("META-INF/hermes/acme.binpb"));
      jar.write(set.toByteArray());
    }
    return file;
  }

  /** Writes a jar that has nothing of Hermes. */
  public static Path emptyJar(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out)) {
      jar.putNextEntry(new JarEntry("com/acme/readme.txt"));
    }
    return file;
  }
}
