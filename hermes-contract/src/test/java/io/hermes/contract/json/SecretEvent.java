package io.hermes.contract.json;

import com.google.protobuf.AnyProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DurationProto;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.FieldMaskProto;
import com.google.protobuf.Message;
import com.google.protobuf.StructProto;
import com.google.protobuf.TimestampProto;
import com.google.protobuf.WrappersProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A message that has all kinds of places where a secret can be. */
final class SecretEvent {

  static final Descriptor TYPE;
  private static final Map<String, Descriptor> TYPES = new TreeMap<>();

  static {
    try {
      TYPE = build();
    } catch (DescriptorValidationException e) {
      throw new AssertionError(e);
    }
    TYPES.put(TYPE.getFullName(), TYPE);
    for (FileDescriptor file : TYPE.getFile().getDependencies()) {
      file.getMessageTypes().forEach(type -> TYPES.put(type.getFullName(), type));
    }
  }

  private SecretEvent() {}

  static Optional<Descriptor> find(String name) {
    return Optional.ofNullable(TYPES.get(name));
  }

  static List<Descriptor> types() {
    return List.copyOf(TYPES.values());
  }

  static DynamicMessage of(String field, Object value) {
    return DynamicMessage.newBuilder(TYPE).setField(TYPE.findFieldByName(field), value).build();
  }

  /** An event that has this message in its Any. */
  static DynamicMessage around(Message inside) {
    return of("any", any("test/" + inside.getDescriptorForType().getFullName(), inside));
  }

  static DynamicMessage any(String url, Message inside) {
    return any(url, inside.toByteString());
  }

  static DynamicMessage any(String url, ByteString value) {
    Descriptor any = AnyProto.getDescriptor().findMessageTypeByName("Any");
    return DynamicMessage.newBuilder(any)
        .setField(any.findFieldByNumber(1), url)
        .setField(any.findFieldByNumber(2), value)
        .build();
  }

  private static Descriptor build() throws DescriptorValidationException {
    List<FileDescriptor> imports =
        List.of(
            AnyProto.getDescriptor(),
            StructProto.getDescriptor(),
            TimestampProto.getDescriptor(),
            DurationProto.getDescriptor(),
            FieldMaskProto.getDescriptor(),
            WrappersProto.getDescriptor());
    DescriptorProto.Builder entry =
        DescriptorProto.newBuilder()
            .setName("ByNameEntry")
            .setOptions(MessageOptions.newBuilder().setMapEntry(true))
            .addField(field("key", 1, FieldDescriptorProto.Type.TYPE_STRING, ""))
            .addField(field("value", 2, FieldDescriptorProto.Type.TYPE_MESSAGE, ".test.Event"));
    List<FieldDescriptorProto> fields = new ArrayList<>();
    fields.add(field("number", 1, FieldDescriptorProto.Type.TYPE_INT64, ""));
    fields.add(secret(field("secret_number", 2, FieldDescriptorProto.Type.TYPE_INT32, "")));
    fields.add(secret(repeated(field("secrets", 3, FieldDescriptorProto.Type.TYPE_STRING, ""))));
    fields.add(field("one", 4, FieldDescriptorProto.Type.TYPE_MESSAGE, ".test.Event"));
    fields.add(repeated(field("many", 5, FieldDescriptorProto.Type.TYPE_MESSAGE, ".test.Event")));
    fields.add(
        repeated(
            field(
                "by_name", 6, FieldDescriptorProto.Type.TYPE_MESSAGE, ".test.Event.ByNameEntry")));
    fields.add(field("any", 7, FieldDescriptorProto.Type.TYPE_MESSAGE, ".google.protobuf.Any"));
    fields.add(field("free", 8, FieldDescriptorProto.Type.TYPE_MESSAGE, ".google.protobuf.Struct"));
    fields.add(
        field("time", 9, FieldDescriptorProto.Type.TYPE_MESSAGE, ".google.protobuf.Timestamp"));
    fields.add(
        field("took", 10, FieldDescriptorProto.Type.TYPE_MESSAGE, ".google.protobuf.Duration"));
    fields.add(
        field("mask", 11, FieldDescriptorProto.Type.TYPE_MESSAGE, ".google.protobuf.FieldMask"));
    fields.add(
        field(
            "wrapped", 12, FieldDescriptorProto.Type.TYPE_MESSAGE, ".google.protobuf.BytesValue"));
    fields.add(
        secret(
            field(
                "secret_any", 13, FieldDescriptorProto.Type.TYPE_MESSAGE, ".google.protobuf.Any")));
    fields.add(field("ratio", 14, FieldDescriptorProto.Type.TYPE_DOUBLE, ""));
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("test.proto")
            .setPackage("test")
            .setSyntax("proto3")
            .addAllDependency(imports.stream().map(FileDescriptor::getName).toList())
            .addMessageType(
                DescriptorProto.newBuilder()
                    .setName("Event")
                    .addNestedType(entry)
                    .addAllField(fields))
            .build();
    return FileDescriptor.buildFrom(file, imports.toArray(FileDescriptor[]::new))
        .findMessageTypeByName("Event");
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
