package io.hermes.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.ExtensionRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Compiled schemas carry these numbers: none of them may ever change. */
class TopicOptionsTest {

  @Test
  void theOptionIsAFieldOfMessageOptions() {
    assertThat(TopicProto.topic.getDescriptor().getFullName())
        .isEqualTo("hermes.contract.v1.topic");
    assertThat(TopicProto.topic.getDescriptor().getContainingType().getFullName())
        .isEqualTo("google.protobuf.MessageOptions");
    assertThat(TopicProto.TOPIC_FIELD_NUMBER).isEqualTo(50621);
  }

  @Test
  void fieldNumbersNamesAndTypesAreFixed() {
    assertThat(TopicContract.getDescriptor().getFields())
        .extracting(field -> field.getNumber() + " " + field.getName() + " " + field.getType())
        .containsExactly(
            "1 name STRING",
            "2 key_field STRING",
            "3 type_field STRING",
            "4 encoding ENUM",
            "5 partitions INT32",
            "6 cleanup_policy ENUM",
            "7 retention_ms INT64",
            "8 shared BOOL",
            "9 empty_key ENUM",
            "10 id_field STRING");
  }

  @Test
  void enumNumbersAreFixed() {
    assertThat(values(Encoding.getDescriptor()))
        .containsExactly(
            "0 ENCODING_UNSPECIFIED", "1 ENCODING_PLAIN", "2 ENCODING_ZSTD", "3 ENCODING_AUTO");
    assertThat(values(CleanupPolicy.getDescriptor()))
        .containsExactly(
            "0 CLEANUP_POLICY_UNSPECIFIED",
            "1 CLEANUP_POLICY_DELETE",
            "2 CLEANUP_POLICY_COMPACT",
            "3 CLEANUP_POLICY_COMPACT_DELETE");
    assertThat(values(EmptyKey.getDescriptor()))
        .containsExactly("0 EMPTY_KEY_UNSPECIFIED", "1 EMPTY_KEY_REFUSE", "2 EMPTY_KEY_SPREAD");
  }

  @Test
  void theJarCarriesTheProtoFileAndItsDescriptorSet() throws IOException {
    assertThat(new String(resource("/hermes/contract/v1/topic.proto"), StandardCharsets.UTF_8))
        .contains("extend google.protobuf.MessageOptions {");
    assertThat(
            FileDescriptorSet.parseFrom(
                    resource("/META-INF/hermes/hermes-contract.binpb"),
                    ExtensionRegistry.getEmptyRegistry())
                .getFileList())
        .extracting(FileDescriptorProto::getName)
        .containsExactlyInAnyOrder(
            "google/protobuf/descriptor.proto", "hermes/contract/v1/topic.proto");
  }

  private static List<String> values(EnumDescriptor descriptor) {
    return descriptor.getValues().stream()
        .map(value -> value.getNumber() + " " + value.getName())
        .toList();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = TopicOptionsTest.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }
}
