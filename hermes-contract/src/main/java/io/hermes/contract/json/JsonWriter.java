package io.hermes.contract.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Writes one message as protobuf's JSON. It replaces protobuf's {@code JsonFormat}, which prints
 * fields marked debug_redact, throws for values that are out of range, and has no size limit. Not
 * thread-safe; writes one message.
 */
final class JsonWriter {

  private static final int MAX_DEPTH = 100;

  private final StringBuilder out = new StringBuilder(256);
  private final Set<Integer> unknownFields = new TreeSet<>();
  private final WellKnownTypes wellKnown;
  private final EventJson options;
  private int depth;

  JsonWriter(EventJson options) {
    this.wellKnown = new WellKnownTypes(this, options);
    this.options = options;
  }

  String write(Message message) throws UnshowableException {
    message(message);
    return out.toString();
  }

  /** Returns the numbers of the fields, at any depth, that the schema does not define. */
  Set<Integer> unknownFields() {
    return unknownFields;
  }

  void message(MessageOrBuilder message) throws UnshowableException {
    if (++depth > MAX_DEPTH) {
      throw new UnshowableException(
          "The event is nested more than %d levels deep.".formatted(MAX_DEPTH));
    }
    if (!wellKnown.write(message)) {
      raw("{");
      fields(message, true);
      raw("}");
    }
    depth--;
  }

  /** Writes the members without the braces. */
  void fields(MessageOrBuilder message, boolean first) throws UnshowableException {
    boolean none = first;
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (!isWritten(message, field)) {
        continue;
      }
      if (!none) {
        raw(",");
      }
      none = false;
      string(field.getJsonName());
      raw(":");
      if (field.getOptions().getDebugRedact() && !options.isRevealing()) {
        string(EventJson.REDACTED);
      } else {
        field(field, message.getField(field));
      }
    }
    unknownFields.addAll(message.getUnknownFields().asMap().keySet());
  }

  private boolean isWritten(MessageOrBuilder message, FieldDescriptor field) {
    if (options.writesDefaults() && !field.hasPresence()) {
      return true;
    }
    return field.isRepeated() ? message.getRepeatedFieldCount(field) > 0 : message.hasField(field);
  }

  void field(FieldDescriptor field, Object value) throws UnshowableException {
    if (field.isMapField()) {
      map(field, (List<?>) value);
    } else if (field.isRepeated()) {
      String separator = "[";
      for (Object element : (List<?>) value) {
        raw(separator);
        separator = ",";
        single(field, element);
      }
      raw(separator.equals("[") ? "[]" : "]");
    } else {
      single(field, value);
    }
  }

  private void map(FieldDescriptor field, List<?> entries) throws UnshowableException {
    FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
    FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
    // If a key occurs twice, the last one counts.
    Map<Object, Object> values = new LinkedHashMap<>();
    for (Object entry : entries) {
      values.put(((Message) entry).getField(key), ((Message) entry).getField(value));
    }
    String separator = "{";
    for (Map.Entry<Object, Object> entry : values.entrySet()) {
      raw(separator);
      separator = ",";
      string(mapKey(key, entry.getKey()));
      raw(":");
      if (value.getOptions().getDebugRedact() && !options.isRevealing()) {
        string(EventJson.REDACTED);
      } else {
        single(value, entry.getValue());
      }
    }
    raw(separator.equals("{") ? "{}" : "}");
  }

  private static String mapKey(FieldDescriptor field, Object key) {
    return switch (field.getJavaType()) {
      case INT, LONG -> integer(field, (Number) key);
      default -> key.toString();
    };
  }

  void single(FieldDescriptor field, Object value) throws UnshowableException {
    switch (field.getJavaType()) {
      case INT -> raw(integer(field, (Number) value));
      // JavaScript numbers lose precision beyond 53 bits.
      case LONG -> string(integer(field, (Number) value));
      case FLOAT, DOUBLE -> number(((Number) value).doubleValue(), value.toString());
      case BOOLEAN -> raw(value.toString());
      case STRING -> string((String) value);
      case BYTE_STRING -> bytes((ByteString) value);
      case ENUM -> enumValue((EnumValueDescriptor) value);
      case MESSAGE -> message((MessageOrBuilder) value);
    }
  }

  private static String integer(FieldDescriptor field, Number value) {
    boolean unsigned =
        switch (field.getType()) {
          case UINT32, FIXED32, UINT64, FIXED64 -> true;
          default -> false;
        };
    if (field.getJavaType() == JavaType.INT) {
      return unsigned
          ? Integer.toUnsignedString(value.intValue())
          : Integer.toString(value.intValue());
    }
    return unsigned ? Long.toUnsignedString(value.longValue()) : Long.toString(value.longValue());
  }

  void number(double value, String text) throws UnshowableException {
    if (Double.isFinite(value)) {
      raw(text);
    } else {
      string(text);
    }
  }

  private void enumValue(EnumValueDescriptor value) throws UnshowableException {
    if (value.getType().getFullName().equals("google.protobuf.NullValue")) {
      raw("null");
    } else if (value.getIndex() < 0) {
      // A number that this schema does not define.
      raw(Integer.toString(value.getNumber()));
    } else {
      string(value.getName());
    }
  }

  void bytes(ByteString value) throws UnshowableException {
    checkRoom(value.size() / 3 * 4L);
    string(Base64.getEncoder().encodeToString(value.toByteArray()));
  }

  void string(String text) throws UnshowableException {
    checkRoom(text.length());
    out.append('"');
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == '"' || c == '\\') {
        out.append(text, from, i);
        escape(c);
        from = i + 1;
        checkRoom(text.length() - from);
      }
    }
    out.append(text, from, text.length()).append('"');
  }

  private void escape(char c) {
    switch (c) {
      case '"', '\\' -> out.append('\\').append(c);
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default ->
          out.append("\\u00")
              .append(Character.forDigit(c >> 4, 16))
              .append(Character.forDigit(c & 15, 16));
    }
  }

  void raw(String json) throws UnshowableException {
    checkRoom(json.length());
    out.append(json);
  }

  private void checkRoom(long chars) throws UnshowableException {
    if (out.length() + chars > options.maxChars()) {
      throw new UnshowableException(
          "The event has more than %d characters as JSON, too many to show."
              .formatted(options.maxChars()));
    }
  }
}
