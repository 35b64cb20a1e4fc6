package io.hermes;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * How the values of a topic are written. Hermes' readers accept every encoding, whichever one the
 * contract names.
 */
public enum Encoding {
  /** The protobuf message itself; Kafka compresses whole batches. The default. */
  PLAIN,

  /**
   * A ZSTD frame wherever it is smaller, marked by {@link EventHeaders#CONTENT_ENCODING}. Use it
   * only if every reader of the topic understands that header.
   */
  ZSTD,

  /**
   * A ZSTD frame where it saves space, otherwise plain. As with {@link #ZSTD}, every reader must
   * understand the header.
   */
  AUTO;

  private static final int ZSTD_MAGIC = 0xFD2FB528; // as a little-endian int

  /**
   * How one value is written: {@link #ZSTD} if its headers say so and it is a frame. The header
   * alone is not enough: copies made by Kafka Streams or for a dead-letter topic can carry headers
   * that no longer apply.
   *
   * @param headers the record's headers
   * @param value the record's value; its position and limit do not change
   * @return {@link #PLAIN} or {@link #ZSTD}
   * @throws UndecodableEventException if the header names an encoding that Hermes does not support
   */
  public static Encoding of(Headers headers, ByteBuffer value) {
    String encoding = declared(headers);
    if (encoding == null) {
      return PLAIN;
    }
    if (!encoding.equals("zstd")) {
      throw new UndecodableEventException(
          "Its "
              + EventHeaders.CONTENT_ENCODING
              + " header is '"
              + (encoding.length() > 40 ? encoding.substring(0, 40) + "..." : encoding)
              + "'; Hermes reads zstd and, without the header, plain values.",
          null);
    }
    return isZstdFrame(value) ? ZSTD : PLAIN;
  }

  private static @Nullable String declared(Headers headers) {
    String header = EventHeaders.text(headers, EventHeaders.CONTENT_ENCODING);
    return header == null ? null : header.trim().toLowerCase(Locale.ROOT);
  }

  /** Whether a value starts with the magic number of ZSTD frames. */
  public static boolean isZstdFrame(ByteBuffer value) {
    return value.remaining() >= Integer.BYTES
        && value.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt(value.position()) == ZSTD_MAGIC;
  }
}
