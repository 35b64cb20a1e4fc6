package io.hermes.events.v1;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.hermes.contract.TopicProto;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A writer that was deployed with a newer schema must lose nothing on its way through this one. */
class NewerSchemaTest {

  private Descriptor newer;
  private DynamicMessage written;

  @BeforeEach
  void writeWithTheNewerSchema() throws Exception {
    newer = newerUserEvent();
    Descriptor data = newer.findNestedTypeByName("Data");
    written =
        DynamicMessage.newBuilder(newer)
            .setField(field(newer, "event_id"), "1")
            .setField(field(newer, "user_id"), "user-1")
            .setField(field(newer, "event_type"), deleted())
            .setField(
                field(newer, "data"),
                DynamicMessage.newBuilder(data)
                    .setField(field(data, "username"), "one")
                    .setField(field(data, "locale"), "de-CH")
                    .build())
            .setField(field(newer, "tenant"), "acme")
            .build();
  }

  @Test
  void aNewerEnumNumberIsKeptAndHasNoName() throws Exception {
    UserEvent read = UserEvent.parseFrom(written.toByteString());

    assertThat(read.getEventType()).isEqualTo(UserEvent.EventType.UNRECOGNIZED);
    assertThat(read.getEventTypeValue()).isEqualTo(4);
  }

  @Test
  void newerFieldsAndEnumNumbersSurviveARoundTrip() throws Exception {
    UserEvent read = UserEvent.parseFrom(written.toByteString());

    assertThat(read.getUnknownFields().hasField(6)).isTrue();
    assertThat(read.getData().getUnknownFields().hasField(4)).isTrue();
    assertThat(DynamicMessage.parseFrom(newer, read.toByteString())).isEqualTo(written);
  }

  @Test
  void theySurviveAChangeOfWhatThisSchemaKnows() throws Exception {
    UserEvent.Builder read = UserEvent.parseFrom(written.toByteString()).toBuilder();
    read.setUserId("user-2").getDataBuilder().setUsername("two");

    DynamicMessage readByTheNewer = DynamicMessage.parseFrom(newer, read.build().toByteString());

    assertThat(readByTheNewer.getField(field(newer, "user_id"))).isEqualTo("user-2");
    assertThat(readByTheNewer.getField(field(newer, "tenant"))).isEqualTo("acme");
    assertThat(readByTheNewer.getField(field(newer, "event_type"))).isEqualTo(deleted());
    Message data = (Message) readByTheNewer.getField(field(newer, "data"));
    assertThat(data.getField(field(data.getDescriptorForType(), "username"))).isEqualTo("two");
    assertThat(data.getField(field(data.getDescriptorForType(), "locale"))).isEqualTo("de-CH");
  }

  private EnumValueDescriptor deleted() {
    EnumValueDescriptor deleted =
        newer.findEnumTypeByName("EventType").findValueByName("USER_DELETED");
    assertThat(deleted).isNotNull();
    return deleted;
  }

  private static FieldDescriptor field(Descriptor message, String name) {
    FieldDescriptor field = message.findFieldByName(name);
    assertThat(field).as(name).isNotNull();
    return field;
  }

  /** UserEvent with one more event type, one more field and one more field in its data. */
  private static Descriptor newerUserEvent() throws Exception {
    FileDescriptorProto.Builder file = UserEvent.getDescriptor().getFile().toProto().toBuilder();
    DescriptorProto.Builder event = file.getMessageTypeBuilder(0);
    event.addField(text("tenant", 6));
    event.getEnumTypeBuilder(0).addValue(enumValue("USER_DELETED", 4));
    event.getNestedTypeBuilder(0).addField(text("locale", 4));
    return FileDescriptor.buildFrom(file.build(), new FileDescriptor[] {TopicProto.getDescriptor()})
        .findMessageTypeByName("UserEvent");
  }

  private static FieldDescriptorProto text(String name, int number) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setType(FieldDescriptorProto.Type.TYPE_STRING)
        .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
        .build();
  }

  private static EnumValueDescriptorProto enumValue(String name, int number) {
    return EnumValueDescriptorProto.newBuilder().setName(name).setNumber(number).build();
  }
}
