package io.hermes.codec;

import com.google.protobuf.Message;
import io.hermes.Encoding;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes events, plain or as ZSTD frames. Sets the header {@code content-encoding} where the value
 * is a frame and removes it where it is not, whatever was there.
 *
 * <p>By class name ({@code value.serializer}) it takes these keys, all of them optional:
 *
 * <ul>
 *   <li>{@code hermes.encoding}: {@code PLAIN}, {@code ZSTD} or {@code AUTO}; by default what the
 *       contract of {@code hermes.message.class} says, or {@code AUTO}
 *   <li>{@code hermes.message.class}: the message class that protoc generated
 *   <li>{@code hermes.max.event.bytes}: the largest event; 16 MiB
 *   <li>{@code hermes.zstd.level}: 1 to 19; 1, and 3 with a dictionary
 *   <li>{@code hermes.zstd.dictionaries}: files, directories, and resources as {@code
 *       classpath:name}, with commas between; the dictionary with the highest id is used
 * </ul>
 *
 * <p>Safe for any thread. Holds native memory until it is closed; used after that, it holds none.
 *
 * @param <M> the events' type
 */
public final class ZstdProtobufSerializer<M extends Message> implements Serializer<M> {

  private volatile @Nullable ValueWriter writer;

  /** For Kafka, which then calls {@link #configure}. */
  public ZstdProtobufSerializer() {}

  /**
   * A serializer.
   *
   * @param encoding how values are written
   * @param options level, limit and dictionaries
   */
  public ZstdProtobufSerializer(Encoding encoding, ZstdOptions options) {
    writer = new ValueWriter(encoding, options);
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    SerdeConfig config = SerdeConfig.of(configs, isKey);
    close();
    writer = new ValueWriter(config.encoding(), config.options());
  }

  /** The plain value: without headers no reader could know that it is a frame. */
  @Override
  public byte @Nullable [] serialize(String topic, @Nullable M event) {
    return writer().write(null, event);
  }

  /**
   * The value as the encoding says.
   *
   * @param headers the record's; content-encoding becomes right in them
   * @param event null for a tombstone
   * @throws org.apache.kafka.common.errors.RecordTooLargeException if it is over the limit
   * @throws org.apache.kafka.common.errors.SerializationException if no reader could decode it: it
   *     is nested more than 100 levels deep, or lacks required fields
   */
  @Override
  public byte @Nullable [] serialize(String topic, Headers headers, @Nullable M event) {
    return writer().write(headers, event);
  }

  private ValueWriter writer() {
    ValueWriter writer = this.writer;
    if (writer == null) {
      throw new IllegalStateException("The serializer is not configured: call configure first.");
    }
    return writer;
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    ValueWriter writer = this.writer;
    if (writer != null) {
      writer.close();
    }
  }
}
