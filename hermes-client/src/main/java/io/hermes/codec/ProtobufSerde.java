package io.hermes.codec;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import java.util.Map;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * {@link ProtobufSerializer} and {@link ProtobufDeserializer} for Kafka Streams. If configured by
 * class name ({@code default.value.serde}), it reads the keys of both.
 *
 * @param <M> the events' type
 */
public final class ProtobufSerde<M extends Message> implements Serde<M> {

  private final ProtobufSerializer<M> serializer = new ProtobufSerializer<>();
  private final ProtobufDeserializer<M> deserializer;

  /** For Kafka, which calls {@link #configure} next. */
  public ProtobufSerde() {
    deserializer = new ProtobufDeserializer<>();
  }

  /**
   * A serde for events up to 16 MiB.
   *
   * @param parser the message's
   */
  public ProtobufSerde(Parser<? extends M> parser) {
    deserializer = new ProtobufDeserializer<>(parser);
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
}
