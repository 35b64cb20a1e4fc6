package io.hermes.codec;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.hermes.Encoding;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * {@link ZstdProtobufSerializer} and {@link ZstdProtobufDeserializer} for Kafka Streams. If
 * configured by class name ({@code default.value.serde}), it reads the keys of both.
 *
 * @param <M> the events' type
 */
public final class ZstdProtobufSerde<M extends Message> implements Serde<M> {

  private final ZstdProtobufSerializer<M> serializer;
  private final ZstdProtobufDeserializer<M> deserializer;

  /** Used by Kafka, which then calls {@link #configure}. */
  public ZstdProtobufSerde() {
    serializer = new ZstdProtobufSerializer<>();
    deserializer = new ZstdProtobufDeserializer<>();
  }

  /**
   * A serde.
   *
   * @param parser the message's parser
   * @param encoding how values are written
   * @param options compression level, size limit and dictionaries
   */
  public ZstdProtobufSerde(Parser<? extends M> parser, Encoding encoding, ZstdOptions options) {
    serializer = new ZstdProtobufSerializer<>(encoding, options);
    deserializer = new ZstdProtobufDeserializer<>(parser, options);
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    serializer.configure(configs, isKey);
    deserializer.configure(configs, isKey);
  }

  @Override
  public Serializer<M> serializer() {
    return serializer;
  }

  @Override
  public Deserializer<M> deserializer() {
    return deserializer;
  }

  /** Frees the native memory of both. */
  @Override
  public void close() {
    serializer.close();
    deserializer.close();
  }
}
