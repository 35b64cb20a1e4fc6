package io.hermes.events.v1;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.ExtensionRegistry;
import io.hermes.contract.Encoding;
import io.hermes.contract.TopicContract;
import io.hermes.contract.TopicProto;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What other languages and running services rely on: none of this may ever change. */
class WireContractTest {

  private static final TopicContract CONTRACT =
      TopicContract.newBuilder()
          .setName("user.events")
          .setKeyField("user_id")
          .setTypeField("event_type")
          .setEncoding(Encoding.ENCODING_PLAIN)
          .build();

  @Test
  void fieldNumbersNamesAndTypesAreFixed() {
    assertThat(UserEvent.getDescriptor().getFullName()).isEqualTo("hermes.events.v1.UserEvent");
    assertThat(fields(UserEvent.getDescriptor()))
        .containsExactly(
            "1 event_id STRING",
            "2 timestamp INT64",
            "3 user_id STRING",
            "4 event_type ENUM",
            "5 data MESSAGE");
    assertThat(fields(UserEvent.Data.getDescriptor()))
        .containsExactly(
            "1 optional email STRING", "2 optional username STRING", "3 repeated metadata MESSAGE");
    assertThat(fields(metadata().getMessageType()))
        .containsExactly("1 key STRING", "2 value STRING");
    assertThat(metadata().isMapField()).isTrue();
  }

  @Test
  void eventTypesAreFixed() {
    assertThat(UserEvent.EventType.getDescriptor().getValues())
        .extracting(EnumValueDescriptor::getNumber, EnumValueDescriptor::getName)
        .extracting(tuple -> tuple.toList().get(0) + " " + tuple.toList().get(1))
        .containsExactly("0 UNKNOWN", "1 USER_REGISTERED", "2 USER_LOGIN", "3 USER_LOGOUT");
  }

  @Test
  void sensitiveFieldsAreMarked() {
    assertThat(UserEvent.Data.getDescriptor().findFieldByName("email").getOptions())
        .matches(options -> options.getDebugRedact());
  }

  @Test
  void theGeneratedClassCarriesTheContract() {
    assertThat(UserEvent.getDescriptor().getOptions().getExtension(TopicProto.topic))
        .isEqualTo(CONTRACT);
  }

  @Test
  void theDescriptorSetReadWithARegistryYieldsTheContract() {
    ExtensionRegistry registry = ExtensionRegistry.newInstance();
    TopicProto.registerAllExtensions(registry);

    assertThat(options(Resources.descriptorSet(registry)).getExtension(TopicProto.topic))
        .isEqualTo(CONTRACT);
  }

  @Test
  void withoutARegistryTheContractIsAnUnknownField() {
    MessageOptions options = options(Resources.descriptorSet(ExtensionRegistry.newInstance()));

    assertThat(options.hasExtension(TopicProto.topic)).isFalse();
    assertThat(options.getUnknownFields().hasField(TopicProto.TOPIC_FIELD_NUMBER)).isTrue();
  }

  @Test
  void theDescriptorSetHoldsItsImports() {
    assertThat(Resources.descriptorSet(ExtensionRegistry.getEmptyRegistry()).getFileList())
        .extracting(FileDescriptorProto::getName)
        .contains(
            "google/protobuf/descriptor.proto",
            "hermes/contract/v1/topic.proto",
            "hermes/events/v1/user_event.proto");
  }

  @Test
  void theProtoFilesAreBesideTheClasses() {
    assertThat(Resources.bytes("hermes/events/v1/user_event.proto"))
        .asString(StandardCharsets.UTF_8)
        .contains("message UserEvent {");
    assertThat(Resources.bytes("hermes/contract/v1/topic.proto"))
        .asString(StandardCharsets.UTF_8)
        .contains("message TopicContract {");
  }

  private static FieldDescriptor metadata() {
    return UserEvent.Data.getDescriptor().findFieldByName("metadata");
  }

  private static List<String> fields(Descriptor message) {
    return message.getFields().stream()
        .map(
            field ->
                field.getNumber()
                    + (field.isRepeated() ? " repeated " : hasPresence(field) ? " optional " : " ")
                    + field.getName()
                    + " "
                    + field.getType())
        .toList();
  }

  private static boolean hasPresence(FieldDescriptor field) {
    return field.hasPresence() && field.getType() != FieldDescriptor.Type.MESSAGE;
  }

  private static MessageOptions options(FileDescriptorSet set) {
    return set.getFileList().stream()
        .filter(file -> file.getPackage().equals("hermes.events.v1"))
        .flatMap(file -> file.getMessageTypeList().stream())
        .filter(message -> message.getName().equals("UserEvent"))
        .findFirst()
        .orElseThrow()
        .getOptions();
  }
}
