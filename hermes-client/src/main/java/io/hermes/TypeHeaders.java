package io.hermes;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Creates the headers that identify an event, and caches those of known types. Immutable. */
final class TypeHeaders {

  private final Text messageType;
  private final @Nullable FieldPath typeField;
  private final Map<String, Text> known = new HashMap<>();

  private TypeHeaders(Descriptor message, @Nullable FieldPath typeField) {
    this.messageType = new Text(EventHeaders.MESSAGE_TYPE, message.getFullName());
    this.typeField = typeField;
    if (typeField != null && typeField.leaf().getJavaType() == JavaType.ENUM) {
      for (EnumValueDescriptor value : typeField.leaf().getEnumType().getValues()) {
        known.put(value.getName(), new Text(EventHeaders.EVENT_TYPE, value.getName()));
      }
    }
  }

  static TypeHeaders of(Descriptor message, String typeField) {
    return new TypeHeaders(message, typeField.isEmpty() ? null : FieldPath.of(message, typeField));
  }

  /** The event-type header's text; null if there is no header. */
  @Nullable String eventType(Message event) {
    Object value = typeField == null ? null : typeField.read(event);
    if (value instanceof EnumValueDescriptor constant) {
      // For an unknown number, protobuf synthesizes a descriptor that has no index in the enum.
      return constant.getIndex() < 0 ? Integer.toString(constant.getNumber()) : constant.getName();
    }
    return value == null || value.toString().isEmpty() ? null : value.toString();
  }

  void addTo(Headers headers, Message event) {
    String type = eventType(event);
    if (type != null) {
      Text made = known.get(type);
      headers.add(made == null ? new Text(EventHeaders.EVENT_TYPE, type) : made);
    }
    headers.add(messageType);
  }

  private static final class Text implements Header {

    private final String key;
    private final byte[] value;

    Text(String key, String value) {
      this.key = key;
      this.value = value.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public byte[] value() {
      return value;
    }
  }
}
