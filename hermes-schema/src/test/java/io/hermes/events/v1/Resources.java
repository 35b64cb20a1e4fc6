package io.hermes.events.v1;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.ExtensionRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** What the module's jar carries beside classes. */
final class Resources {

  static final String DESCRIPTOR_SET = "META-INF/hermes/hermes-schema.binpb";

  private Resources() {}

  static byte[] bytes(String name) {
    try (InputStream in = Resources.class.getResourceAsStream("/" + name)) {
      if (in == null) {
        throw new AssertionError("not on the class path: " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static FileDescriptorSet descriptorSet(ExtensionRegistry registry) {
    try {
      return FileDescriptorSet.parseFrom(bytes(DESCRIPTOR_SET), registry);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
