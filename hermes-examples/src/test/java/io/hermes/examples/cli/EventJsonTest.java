package io.hermes.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.google.protobuf.AnyProto;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.StructProto;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import org.junit.jupiter.api.Test;

/** Hiding, in a message that has all kinds of places where a secret can be. */
class EventJsonTest {

  private static final String EVENT =
      """
      {"number": "9007199254740993", "secretNumber": 7, "secrets": ["a", "b"],
       "one": {"number": "1", "secretNumber": 7},
       "many": [{"secretNumber": 8}, {"number": "2"}],
       "byName": {"x": {"secretNumber": 9}},
       "any": {"@type": "type.googleapis.com/test.Event", "secretNumber": 10},
       "free": {"fields": {"secretNumber": 11}}}
      """;

  @Test
  void hidesMarkedFieldsWhereverTheyAre() throws Exception {
    assertThat(json(false))
        .isEqualTo(
            JsonParser.parseString(
                EVENT
                    .replaceAll(
                        "(?<!fields\": \\{)\"secretNumber\": \\d+",
                        "\"secretNumber\": \"[REDACTED]\"")
                    .replace("[\"a\", \"b\"]", "\"[REDACTED]\"")));
  }

  @Test
  void revealsThemOnDemand() throws Exception {
    assertThat(json(true)).isEqualTo(JsonParser.parseString(EVENT));
  }

  private static Object json(boolean reveal) throws Exception {
    Descriptor type = type();
    TypeRegistry types = TypeRegistry.newBuilder().add(type).build();
    DynamicMessage.Builder event = DynamicMessage.newBuilder(type);
    JsonFormat.parser().usingTypeRegistry(types).merge(EVENT, event);
    return new EventJson(types, reveal).of(event.build());
  }

  private static Descriptor type() throws Exception {
    DescriptorProto entry =
        DescriptorProto.newBuilder()
            .setName("ByNameEntry")
            .setOptions(MessageOptions.newBuilder().setMapEntry(true))
            .addField(field("key", 1, FieldDescriptorProto.Type.TYPE_STRING, ""))
            .addField(field("value", 2, FieldDescriptorProto.Type.TYPE_MESSAGE, ".test.Event"))
            .build();
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("test.proto")
            .setPackage("test")
            .setSyntax("proto3")
            .addDependency("google/protobuf/any.proto")
            .addDependency("google/protobuf/struct.proto")
            .addMessageType(
                DescriptorProto.newBuilder()
                    .setName("Event")
                    .addNestedType(entry)
                    .addField(field("number", 1, FieldDescriptorProto.Type.TYPE_INT64, ""))
                    .addField(
                        secret(field("secret_number", 2, FieldDescriptorProto.Type.TYPE_INT32, "")))
                    .addField(
                        secret(
                            repeated(
                                field("secrets", 3, FieldDescriptorProto.Type.TYPE_STRING, ""))))
                    .addField(
                        field("one", 4, FieldDescriptorProto.Type.TYPE_MESSAGE, ".test.Event"))
                    .addField(
                        repeated(
                            field(
                                "many", 5, FieldDescriptorProto.Type.TYPE_MESSAGE, ".test.Event")))
                    .addField(
                        repeated(
                            field(
                                "by_name",
                                6,
                                FieldDescriptorProto.Type.TYPE_MESSAGE,
                                ".test.Event.ByNameEntry")))
                    .addField(
                        field(
                            "any",
                            7,
                            FieldDescriptorProto.Type.TYPE_MESSAGE,
                            ".google.protobuf.Any"))
                    .addField(
                        field(
                            "free",
                            8,
                            FieldDescriptorProto.Type.TYPE_MESSAGE,
                            ".google.protobuf.Struct")))
            .build();
    FileDescriptor[] imports = {AnyProto.getDescriptor(), StructProto.getDescriptor()};
    return FileDescriptor.buildFrom(file, imports).findMessageTypeByName("Event");
  }

  private static FieldDescriptorProto field(
      String name, int number, FieldDescriptorProto.Type type, String message) {
    FieldDescriptorProto.Builder field =
        FieldDescriptorProto.newBuilder().setName(name).setNumber(number).setType(type);
    return message.isEmpty() ? field.build() : field.setTypeName(message).build();
  }

  private static FieldDescriptorProto repeated(FieldDescriptorProto field) {
    return field.toBuilder().setLabel(FieldDescriptorProto.Label.LABEL_REPEATED).build();
  }

  private static FieldDescriptorProto secret(FieldDescriptorProto field) {
    return field.toBuilder().setOptions(FieldOptions.newBuilder().setDebugRedact(true)).build();
  }
}
