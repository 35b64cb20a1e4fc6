package io.hermes;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.hermes.contract.EmptyKey;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Creates an event's record key as the wire contract defines it. Immutable. */
final class RecordKey {

  private final String message;
  private final String path;
  private final FieldPath field;
  private final boolean spread;

  private RecordKey(String message, String path, FieldPath field, boolean spread) {
    this.message = message;
    this.path = path;
    this.field = field;
    this.spread = spread;
  }

  static RecordKey of(Descriptor message, String path, EmptyKey empty) {
    FieldPath field = FieldPath.of(message, path);
    return new RecordKey(message.getFullName(), path, field, empty == EmptyKey.EMPTY_KEY_SPREAD);
  }

  /** The key's bytes; null if the key is empty and the contract spreads such events. */
  byte @Nullable [] of(Message event) {
    Object value = field.read(event);
    byte[] key = value == null ? new byte[0] : bytes(value);
    if (key.length > 0) {
      return key;
    }
    if (spread) {
      return null;
    }
    throw new ContractException(
        message + " has an empty " + path + ", which is its record key.",
        "Set it, or set empty_key: EMPTY_KEY_SPREAD in the contract.");
  }

  private byte[] bytes(Object value) {
    if (value instanceof ByteString raw) {
      return raw.toByteArray();
    }
    return text(field.leaf(), value).getBytes(StandardCharsets.UTF_8);
  }

  /** A value as text; an integer as decimal text. */
  static String text(FieldDescriptor field, Object value) {
    // Unsigned integers above the signed range are negative numbers in Java.
    return switch (field.getType()) {
      case UINT32, FIXED32 -> Integer.toUnsignedString((Integer) value);
      case UINT64, FIXED64 -> Long.toUnsignedString((Long) value);
      default -> value.toString();
    };
  }
}
