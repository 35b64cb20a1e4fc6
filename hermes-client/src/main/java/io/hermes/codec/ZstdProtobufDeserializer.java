package io.hermes.codec;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads events, plain and as ZSTD frames, whatever the topic's contract says. What cannot be read
 * is an {@link io.hermes.UndecodableEventException} that says why.
 *
 * <p>Where there are no headers, as in the stores of Kafka Streams, a value is a frame if it starts
 * as one and no plain message of the type can.
 *
 * <p>By class name ({@code value.deserializer}) it takes these keys:
 *
 * <ul>
 *   <li>{@code hermes.message.class}: the message class that protoc generated; required
 *   <li>{@code hermes.max.event.bytes}: the largest event, after decompression; 16 MiB
 *   <li>{@code hermes.zstd.dictionaries}: files, directories, and resources as {@code
 *       classpath:name}, with commas between
 * </ul>
 *
 * <p>Safe for any thread. Holds native memory until it is closed; used after that, it holds none.
 *
 * @param <M> the events' type
 */
public final class ZstdProtobufDeserializer<M extends Message> implements Deserializer<M> {

  private volatile @Nullable ValueReader<M> reader;

  /** For Kafka, which then calls {@link #configure}. */
  public ZstdProtobufDeserializer() {}

  /**
   * A deserializer.
   *
   * @param parser the message's
   * @param options limit and dictionaries
   */
  public ZstdProtobufDeserializer(Parser<? extends M> parser, ZstdOptions options) {
    reader = new ValueReader<>(parser, options.maxEventBytes(), new Decompressors(options));
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    SerdeConfig config = SerdeConfig.of(configs, isKey);
    close();
    ZstdOptions options = config.options();
    reader =
        new ValueReader<>(config.parser(), options.maxEventBytes(), new Decompressors(options));
  }

  /**
   * Reads a value whose headers are lost.
   *
   * @throws io.hermes.UndecodableEventException if it is no such event
   */
  @Override
  public @Nullable M deserialize(String topic, byte @Nullable [] value) {
    return reader().read(null, value == null ? null : ByteBuffer.wrap(value));
  }

  /**
   * Reads a value.
   *
   * @param value null is a tombstone
   * @return the event; null for a tombstone
   * @throws io.hermes.UndecodableEventException if it is no such event
   */
  @Override
  public @Nullable M deserialize(String topic, Headers headers, byte @Nullable [] value) {
    return reader().read(headers, value == null ? null : ByteBuffer.wrap(value));
  }

  /**
   * Reads a value where it is, and does not keep it.
   *
   * @param value null is a tombstone; its position and limit do not change
   * @return the event; null for a tombstone
   * @throws io.hermes.UndecodableEventException if it is no such event
   */
  @Override
  public @Nullable M deserialize(String topic, Headers headers, @Nullable ByteBuffer value) {
    return reader().read(headers, value);
  }

  /**
   * How many values had a content-encoding header that did not hold: they were read as plain. Kafka
   * Streams and copies for a dead letter topic make such records.
   */
  public long staleHeaders() {
    return reader().staleHeaders();
  }

  private ValueReader<M> reader() {
    ValueReader<M> reader = this.reader;
    if (reader == null) {
      throw new IllegalStateException("The deserializer is not configured: call configure first.");
    }
    return reader;
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    ValueReader<M> reader = this.reader;
    if (reader != null) {
      reader.close();
    }
  }
}
