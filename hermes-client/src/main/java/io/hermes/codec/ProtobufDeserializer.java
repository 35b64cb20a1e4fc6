package io.hermes.codec;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads events that are plain protobuf messages. A ZSTD frame is refused by name: {@link
 * ZstdProtobufDeserializer} reads both. What cannot be read is an {@link
 * io.hermes.UndecodableEventException} that says why.
 *
 * <p>By class name ({@code value.deserializer}) it takes these keys:
 *
 * <ul>
 *   <li>{@code hermes.message.class}: the message class that protoc generated; required
 *   <li>{@code hermes.max.event.bytes}: the largest event; 16 MiB
 * </ul>
 *
 * <p>Safe for any thread. Holds nothing that must be closed.
 *
 * @param <M> the events' type
 */
public final class ProtobufDeserializer<M extends Message> implements Deserializer<M> {

  private volatile @Nullable ValueReader<M> reader;

  /** For Kafka, which then calls {@link #configure}. */
  public ProtobufDeserializer() {}

  /**
   * A deserializer for events up to 16 MiB.
   *
   * @param parser the message's
   */
  public ProtobufDeserializer(Parser<? extends M> parser) {
    reader = new ValueReader<>(parser, ZstdOptions.DEFAULT_MAX_EVENT_BYTES, null);
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    SerdeConfig config = SerdeConfig.of(configs, isKey);
    reader = new ValueReader<>(config.parser(), config.maxEventBytes(), null);
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

  private ValueReader<M> reader() {
    ValueReader<M> reader = this.reader;
    if (reader == null) {
      throw new IllegalStateException("The deserializer is not configured: call configure first.");
    }
    return reader;
  }
}
