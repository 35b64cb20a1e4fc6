package io.hermes.kafkaui;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.MessageOrBuilder;
import io.hermes.contract.schema.SchemaSet;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The messages of {@code google.protobuf} that have a JSON form of their own. Belongs to one
 * writer.
 */
final class WellKnownTypes {

  private static final long MIN_SECOND = Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();
  private static final long MAX_SECOND = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
  private static final long MAX_DURATION_SECONDS = 315_576_000_000L;
  private static final int NANOS = 1_000_000_000;

  private final JsonWriter json;
  private final List<SchemaSet> schemas;
  private boolean insideAny;

  WellKnownTypes(JsonWriter json, List<SchemaSet> schemas) {
    this.json = json;
    this.schemas = schemas;
  }

  /**
   * False if the message is none of them, or one whose value has no such form: then its fields are
   * to be written.
   */
  boolean write(MessageOrBuilder message) throws UndecodableException {
    Descriptor type = message.getDescriptorForType();
    if (!type.getFile().getPackage().equals("google.protobuf")) {
      return false;
    }
    return switch (type.getName()) {
      case "Timestamp" -> timestamp(number(message, 1), (int) number(message, 2));
      case "Duration" -> duration(number(message, 1), (int) number(message, 2));
      case "DoubleValue",
          "FloatValue",
          "Int64Value",
          "UInt64Value",
          "Int32Value",
          "UInt32Value",
          "BoolValue",
          "StringValue",
          "BytesValue" ->
          wrapper(message);
      case "Struct" -> entry(message);
      case "ListValue" -> entry(message);
      case "Value" -> value(message);
      case "FieldMask" -> fieldMask(message);
      case "Any" -> any(message);
      default -> false;
    };
  }

  private boolean timestamp(long seconds, int nanos) throws UndecodableException {
    if (seconds < MIN_SECOND || seconds > MAX_SECOND || nanos < 0 || nanos >= NANOS) {
      return false;
    }
    json.string(Instant.ofEpochSecond(seconds, nanos).toString());
    return true;
  }

  private boolean duration(long seconds, int nanos) throws UndecodableException {
    boolean oneSign = (seconds <= 0 && nanos <= 0) || (seconds >= 0 && nanos >= 0);
    if (!oneSign || Math.abs(seconds) > MAX_DURATION_SECONDS || nanos <= -NANOS || nanos >= NANOS) {
      return false;
    }
    String sign = seconds < 0 || nanos < 0 ? "-" : "";
    json.string(sign + Math.abs(seconds) + fraction(Math.abs(nanos)) + "s");
    return true;
  }

  /** None, or three, six or nine digits. */
  private static String fraction(int nanos) {
    if (nanos == 0) {
      return "";
    }
    String digits = String.format(Locale.ROOT, ".%09d", nanos);
    return digits.substring(0, nanos % 1_000_000 == 0 ? 4 : nanos % 1_000 == 0 ? 7 : 10);
  }

  private boolean wrapper(MessageOrBuilder message) throws UndecodableException {
    FieldDescriptor value = field(message, 1);
    json.single(value, message.getField(value));
    return true;
  }

  /** Struct and ListValue are their only field. */
  private boolean entry(MessageOrBuilder message) throws UndecodableException {
    FieldDescriptor value = field(message, 1);
    json.field(value, message.getField(value));
    return true;
  }

  private boolean value(MessageOrBuilder message) throws UndecodableException {
    for (FieldDescriptor kind : message.getDescriptorForType().getFields()) {
      if (message.hasField(kind)) {
        Object value = message.getField(kind);
        if (value instanceof Double number && !Double.isFinite(number)) {
          return false; // as "NaN" it would be taken for a text
        }
        json.single(kind, value);
        return true;
      }
    }
    json.raw("null");
    return true;
  }

  private boolean fieldMask(MessageOrBuilder message) throws UndecodableException {
    StringBuilder paths = new StringBuilder();
    for (Object path : (List<?>) message.getField(field(message, 1))) {
      paths.append(paths.isEmpty() ? "" : ",").append(camelCase((String) path));
    }
    json.string(paths.toString());
    return true;
  }

  private static String camelCase(String path) {
    StringBuilder camel = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) == '_' && i + 1 < path.length()) {
        i++;
        camel.append(Character.toUpperCase(path.charAt(i)));
      } else {
        camel.append(path.charAt(i));
      }
    }
    return camel.toString();
  }

  /**
   * An Any of a message that the schemas have; any other is shown as its two fields. One inside
   * another stays bytes.
   */
  private boolean any(MessageOrBuilder message) throws UndecodableException {
    String url = (String) message.getField(field(message, 1));
    ByteString bytes = (ByteString) message.getField(field(message, 2));
    Optional<Descriptor> type = find(url.substring(url.lastIndexOf('/') + 1));
    if (insideAny || type.isEmpty()) {
      return false;
    }
    DynamicMessage inner;
    try {
      byte[] value = bytes.toByteArray();
      FieldCount.check(type.get(), value);
      inner = DynamicMessage.parseFrom(type.get(), value, ExtensionRegistry.getEmptyRegistry());
    } catch (IOException e) {
      return false;
    }
    insideAny = true;
    json.raw("{");
    json.string("@type");
    json.raw(":");
    json.string(url);
    if (inner.getDescriptorForType().getFile().getPackage().equals("google.protobuf")) {
      json.raw(",");
      json.string("value");
      json.raw(":");
      json.message(inner);
    } else {
      json.fields(inner, false);
    }
    json.raw("}");
    insideAny = false;
    return true;
  }

  private Optional<Descriptor> find(String name) {
    return schemas.stream().flatMap(set -> set.message(name).stream()).findFirst();
  }

  private static long number(MessageOrBuilder message, int number) {
    return ((Number) message.getField(field(message, number))).longValue();
  }

  private static FieldDescriptor field(MessageOrBuilder message, int number) {
    FieldDescriptor field = message.getDescriptorForType().findFieldByNumber(number);
    if (field == null) {
      throw new IllegalStateException(
          message.getDescriptorForType().getFullName() + " has no field " + number + ".");
    }
    return field;
  }
}
