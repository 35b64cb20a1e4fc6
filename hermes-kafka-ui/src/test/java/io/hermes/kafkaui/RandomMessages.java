package io.hermes.kafkaui;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Random;

/** Makes messages of any type with random fields; always the same ones for the same seed. */
final class RandomMessages {

  private final Random random;

  RandomMessages(Random random) {
    this.random = random;
  }

  DynamicMessage message(Descriptor type, int depth) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    switch (type.getFullName()) {
      case "google.protobuf.Timestamp" ->
          timestamp(message, random.nextInt(2_000_000_000), random.nextInt(1_000_000_000));
      case "google.protobuf.Duration" -> duration(message);
      case "google.protobuf.Value" -> value(message, depth);
      default -> type.getFields().forEach(field -> field(message, field, depth));
    }
    return message.build();
  }

  private static void timestamp(DynamicMessage.Builder message, long seconds, int nanos) {
    List<FieldDescriptor> fields = message.getDescriptorForType().getFields();
    if (seconds != 0) {
      message.setField(fields.get(0), seconds);
    }
    if (nanos != 0) {
      message.setField(fields.get(1), nanos);
    }
  }

  private void duration(DynamicMessage.Builder message) {
    int sign = random.nextBoolean() ? 1 : -1;
    timestamp(
        message, sign * (long) random.nextInt(1000), sign * random.nextInt(1_000) * 1_000_000);
  }

  private void value(DynamicMessage.Builder message, int depth) {
    List<FieldDescriptor> kinds = message.getDescriptorForType().getFields();
    FieldDescriptor kind = kinds.get(random.nextInt(depth < 4 ? kinds.size() : 4));
    message.setField(
        kind,
        kind.getName().equals("number_value")
            ? (Object) random.nextGaussian()
            : single(kind, depth));
  }

  private void field(DynamicMessage.Builder message, FieldDescriptor field, int depth) {
    if (field.getContainingOneof() != null && message.hasOneof(field.getContainingOneof())) {
      return;
    }
    if (field.isMapField()) {
      Message.Builder entry = message.newBuilderForField(field);
      FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
      FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
      message.addRepeatedField(
          field, entry.setField(key, text()).setField(value, single(value, depth)).build());
    } else if (field.isRepeated()) {
      for (int i = random.nextInt(3); i > 0; i--) {
        message.addRepeatedField(field, single(field, depth));
      }
    } else if (random.nextInt(4) > 0) {
      message.setField(field, single(field, depth));
    }
  }

  private Object single(FieldDescriptor field, int depth) {
    return switch (field.getJavaType()) {
      case INT -> random.nextInt();
      case LONG -> random.nextLong();
      case FLOAT -> random.nextFloat();
      case DOUBLE -> random.nextInt(8) == 0 ? Double.NaN : random.nextGaussian() * 1e20;
      case BOOLEAN -> random.nextBoolean();
      case STRING -> text();
      case BYTE_STRING -> ByteString.copyFrom(bytes());
      case ENUM -> constant(field.getEnumType().getValues());
      case MESSAGE -> message(field.getMessageType(), depth + 1);
    };
  }

  private EnumValueDescriptor constant(List<EnumValueDescriptor> values) {
    EnumValueDescriptor unknown = values.get(0).getType().findValueByNumberCreatingIfUnknown(4711);
    return values.size() > 1 && random.nextInt(8) == 0
        ? unknown
        : values.get(random.nextInt(values.size()));
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(20)];
    random.nextBytes(bytes);
    return bytes;
  }

  private String text() {
    int length = random.nextInt(12);
    int[] characters = random.ints(length, 0, 0x2ff).toArray();
    return new String(characters, 0, length);
  }
}
