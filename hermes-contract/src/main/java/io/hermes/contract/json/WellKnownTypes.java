package io.hermes.contract.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.MessageOrBuilder;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes the messages of {@code google.protobuf} that have a special JSON form. Belongs to one
 * writer.
 */
final class WellKnownTypes {

  private static final long MIN_SECOND = Instant.parse("0001-01-01T00:00:00Z").getEpochSecond();
  private static final long MAX_SECOND = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
  private static final long MAX_DURATION_SECONDS = 315_576_000_000L;
  private static final int NANOS = 1_000_000_000;

  private final JsonWriter json;
  private final EventJson options;
  private final FieldCount fieldsInAny = new FieldCount();
  private long bytesInAny;

  WellKnownTypes(JsonWriter json, EventJson options) {
    this.json = json;
    this.options = options;
  }

  /**
   * Writes a message in its special form. Returns false if it does not have one, or its value
   * cannot be written that way; the caller then writes its fields.
   */
  boolean write(MessageOrBuilder message) throws UnshowableException {
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

  private boolean timestamp(long seconds, int nanos) throws UnshowableException {
    if (seconds < MIN_SECOND || seconds > MAX_SECOND || nanos < 0 || nanos >= NANOS) {
      return false;
    }
    json.string(Instant.ofEpochSecond(seconds, nanos).toString());
    return true;
  }

  private boolean duration(long seconds, int nanos) throws UnshowableException {
    boolean oneSign = (seconds <= 0 && nanos <= 0) || (seconds >= 0 && nanos >= 0);
    if (!oneSign
        || seconds < -MAX_DURATION_SECONDS
        || seconds > MAX_DURATION_SECONDS
        || nanos <= -NANOS
        || nanos >= NANOS) {
      return false;
    }
    String sign = seconds < 0 || nanos < 0 ? "-" : "";
    json.string(sign + Math.abs(seconds) + fraction(Math.abs(nanos)) + "s");
    return true;
  }

  /** Returns no fraction, or one of three, six or nine digits. */
  private static String fraction(int nanos) {
    if (nanos == 0) {
      return "";
    }
    String digits = String.format(Locale.ROOT, ".%09d", nanos);
    return digits.substring(0, nanos % 1_000_000 == 0 ? 4 : nanos % 1_000 == 0 ? 7 : 10);
  }

  private boolean wrapper(MessageOrBuilder message) throws UnshowableException {
    FieldDescriptor value = field(message, 1);
    json.single(value, message.getField(value));
    return true;
  }

  /** Writes a Struct or ListValue as its only field. */
  private boolean entry(MessageOrBuilder message) throws UnshowableException {
    FieldDescriptor value = field(message, 1);
    json.field(value, message.getField(value));
    return true;
  }

  private boolean value(MessageOrBuilder message) throws UnshowableException {
    for (FieldDescriptor kind : message.getDescriptorForType().getFields()) {
      if (message.hasField(kind)) {
        Object value = message.getField(kind);
        if (value instanceof Double number && !Double.isFinite(number)) {
          return false; // as "NaN" it would be read as a string
        }
        json.single(kind, value);
        return true;
      }
    }
    json.raw("null");
    return true;
  }

  private boolean fieldMask(MessageOrBuilder message) throws UnshowableException {
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
   * Writes an Any whose message type is in the schemas, also inside another Any. The bytes of any
   * other Any may contain fields that must be hidden, so they are shown only if hidden fields are.
   */
  private boolean any(MessageOrBuilder message) throws UnshowableException {
    String url = (String) message.getField(field(message, 1));
    ByteString bytes = (ByteString) message.getField(field(message, 2));
    String name = url.substring(url.lastIndexOf('/') + 1);
    Optional<Descriptor> type = options.type(name);
    if (type.isEmpty()) {
      return undecoded(url, bytes, "of a type that is not in the schemas");
    }
    DynamicMessage inner;
    try {
      inner = parse(type.get(), bytes);
    } catch (IOException e) {
      return undecoded(url, bytes, "that are not a " + type.get().getFullName());
    }
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
    return true;
  }

  /** Each level of nested Anys copies its content, so all of them share one limit. */
  private DynamicMessage parse(Descriptor type, ByteString bytes)
      throws IOException, UnshowableException {
    bytesInAny += bytes.size();
    if (bytesInAny > options.maxChars()) {
      throw new UnshowableException(
          "The event has more than %d bytes in google.protobuf.Any, too many to show."
              .formatted(options.maxChars()));
    }
    fieldsInAny.add(type, bytes);
    return DynamicMessage.parseFrom(type, bytes, ExtensionRegistry.getEmptyRegistry());
  }

  private boolean undecoded(String url, ByteString bytes, String why) throws UnshowableException {
    if (options.isRevealing() || bytes.isEmpty()) {
      return false;
    }
    json.raw("{");
    json.string("@type");
    json.raw(":");
    json.string(url);
    json.raw(",");
    json.string("value");
    json.raw(":");
    json.string("%s: %d bytes %s".formatted(EventJson.REDACTED, bytes.size(), why));
    json.raw("}");
    return true;
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
