package io.hermes.codec;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.Encoding;
import io.hermes.EventHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Writes values in an {@link Encoding}. Safe for any thread. */
final class ValueWriter implements AutoCloseable {

  private static final byte[] ZSTD = "zstd".getBytes(StandardCharsets.UTF_8);

  /** The header's size in a record: its name, its value, and the length of each. */
  static final int HEADER_BYTES = EventHeaders.CONTENT_ENCODING.length() + ZSTD.length + 2;

  /**
   * The smallest value that AUTO compresses. For smaller values, batch compression is as good and
   * cheaper.
   */
  static final int AUTO_BYTES = 8 << 10;

  private final Encoding encoding;
  private final int maxEventBytes;
  private final ContextPool<Compressor> compressors;
  private final Map<Descriptor, Readability> readabilities = new ConcurrentHashMap<>();
  private volatile @Nullable Readability last; // for the type written last

  ValueWriter(Encoding encoding, ZstdOptions options) {
    this.encoding = encoding;
    this.maxEventBytes = options.maxEventBytes();
    this.compressors =
        ContextPool.of(() -> new Compressor(options.level(), options.newestDictionary()));
  }

  /**
   * Writes an event.
   *
   * @param headers the record's headers, in which content-encoding is set or removed; if null, no
   *     headers can be written and the value is plain
   * @param event null for a tombstone
   * @throws RecordTooLargeException if the event is larger than readers accept
   * @throws SerializationException if readers could not decode it, see {@link Readability}
   */
  byte @Nullable [] write(@Nullable Headers headers, @Nullable Message event) {
    if (headers != null && headers.lastHeader(EventHeaders.CONTENT_ENCODING) != null) {
      headers.remove(EventHeaders.CONTENT_ENCODING); // inherited from the source record
    }
    if (event == null) {
      return null;
    }
    byte[] plain;
    try {
      plain = plain(event);
    } catch (StackOverflowError e) {
      throw Readability.tooDeep(event.getDescriptorForType(), e);
    }
    readability(event.getDescriptorForType()).require(event, plain);
    byte[] frame = headers == null ? null : compress(plain);
    if (headers == null || frame == null) {
      return plain;
    }
    headers.add(EventHeaders.CONTENT_ENCODING, ZSTD);
    return frame;
  }

  private byte[] plain(Message event) {
    int size = event.getSerializedSize();
    if (size > maxEventBytes) {
      throw new RecordTooLargeException(
          "The "
              + event.getDescriptorForType().getFullName()
              + " takes "
              + size
              + " bytes, and the limit is "
              + maxEventBytes
              + ". Publish smaller events, or raise maxEventBytes here and in every reader.");
    }
    return event.toByteArray();
  }

  private Readability readability(Descriptor type) {
    Readability known = last;
    if (known == null || !known.isOf(type)) {
      known = readabilities.computeIfAbsent(type, Readability::of);
      last = known;
    }
    return known;
  }

  /** The frame; null if the value is to be written plain. */
  private byte @Nullable [] compress(byte[] plain) {
    int most = mostFrameBytes(plain.length);
    if (most <= 0) {
      return null;
    }
    Compressor compressor = compressors.acquire();
    byte[] frame;
    try {
      frame = compressor.compress(plain, most);
    } catch (Throwable e) {
      compressors.discard(compressor);
      throw e;
    }
    compressors.release(compressor);
    return frame;
  }

  /** The maximum size at which a frame is better than the plain value. */
  private int mostFrameBytes(int plain) {
    return switch (encoding) {
      case PLAIN -> 0;
      case ZSTD -> plain - HEADER_BYTES - 1;
      case AUTO -> plain < AUTO_BYTES ? 0 : (int) (plain * 9L / 10) - HEADER_BYTES;
    };
  }

  @Override
  public void close() {
    compressors.close();
  }
}
