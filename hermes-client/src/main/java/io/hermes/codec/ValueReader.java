package io.hermes.codec;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.hermes.Encoding;
import io.hermes.UndecodableEventException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Reads values as the wire contract defines them. Keeps no reference to its arguments. Safe for any
 * thread.
 *
 * @param <M> the events' type
 */
final class ValueReader<M extends Message> implements AutoCloseable {

  private final Parser<? extends M> parser;
  private final M empty;
  private final int maxEventBytes;
  private final Decompressors decompressors;
  private final boolean sniffs;

  ValueReader(Parser<? extends M> parser, int maxEventBytes, Decompressors decompressors) {
    this.parser = parser;
    this.maxEventBytes = maxEventBytes;
    this.decompressors = decompressors;
    try {
      this.empty = parser.parsePartialFrom(new byte[0]);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("The parser cannot read an empty message.", e);
    }
    this.sniffs = !canStartWithMagic(empty);
  }

  /**
   * Reads a value.
   *
   * @param headers the record's headers; null where they are not available, as in a Kafka Streams
   *     store
   * @param value null for a tombstone; its position and limit do not change
   */
  @Nullable M read(@Nullable Headers headers, @Nullable ByteBuffer value) {
    if (value == null) {
      return null;
    }
    if (!value.hasRemaining()) {
      return empty;
    }
    refuseForeign(value.get(value.position()));
    return isFrame(headers, value)
        ? decompressors.decompress(value, this::parse)
        : readPlain(value);
  }

  private boolean isFrame(@Nullable Headers headers, ByteBuffer value) {
    if (headers == null) {
      return sniffs && Encoding.isZstdFrame(value);
    }
    return Encoding.of(headers, value) == Encoding.ZSTD;
  }

  private static void refuseForeign(byte first) {
    // Field number 0, which is invalid in protobuf.
    if (first >= 0 && first <= 7) {
      throw new UndecodableEventException(
          switch (first) {
                case 0 -> "The value is framed for the schema registry of Confluent or Apicurio";
                case 1 -> "The value is framed for Confluent's schema registry, by GUID";
                case 3 -> "The value is framed for AWS Glue's schema registry";
                default -> "The value is not a protobuf message";
              }
              + " (its first byte is "
              + first
              + ").",
          "Read it with the deserializer of its format.",
          null);
    }
  }

  private M readPlain(ByteBuffer value) {
    if (value.remaining() > maxEventBytes) {
      throw ZstdFrame.tooLarge(Integer.toString(value.remaining()), maxEventBytes);
    }
    return parse(value);
  }

  private M parse(ByteBuffer plain) {
    try {
      return plain.hasArray()
          ? parser.parseFrom(
              plain.array(), plain.arrayOffset() + plain.position(), plain.remaining())
          : parser.parseFrom(plain.duplicate());
    } catch (InvalidProtocolBufferException e) {
      throw new UndecodableEventException(
          "The value is not a " + messageType() + ": " + e.getMessage(), e);
    }
  }

  private String messageType() {
    return empty.getDescriptorForType().getFullName();
  }

  /**
   * Whether a plain message of this type can start like a frame: 28 B5 2F FD is field 5 with the
   * varint 6069, then a 32-bit field whose number is 15 mod 16 and at least 31.
   */
  private static boolean canStartWithMagic(Message message) {
    var type = message.getDescriptorForType();
    FieldDescriptor fifth = type.findFieldByNumber(5);
    return type.isExtendable() || (fifth != null && isVarint(fifth));
  }

  private static boolean isVarint(FieldDescriptor field) {
    return switch (field.getType()) {
      case INT32, INT64, UINT32, UINT64, SINT32, SINT64, BOOL, ENUM -> true;
      default -> false;
    };
  }

  @Override
  public void close() {
    decompressors.close();
  }
}
