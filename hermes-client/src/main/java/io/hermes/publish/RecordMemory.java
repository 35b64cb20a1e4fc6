package io.hermes.publish;

import com.google.protobuf.Message;
import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.codec.ZstdProtobufDeserializer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Converts the records that in-memory publishers wrote into those that subscribers would get. Safe
 * for any thread.
 */
final class RecordMemory<M extends Message> implements AutoCloseable {

  private final Map<String, Deserializer<? extends M>> deserializers = new HashMap<>();

  RecordMemory(Collection<? extends Topic<? extends M>> topics) {
    for (Topic<? extends M> topic : topics) {
      deserializers.put(
          topic.messageType(),
          new ZstdProtobufDeserializer<M>(topic.parser(), ZstdOptions.defaults()));
    }
  }

  /** The record as read from partition 0. */
  EventRecord<M> record(ProducerRecord<byte[], byte[]> written, long offset) {
    String type =
        Objects.requireNonNull(EventHeaders.text(written.headers(), EventHeaders.MESSAGE_TYPE));
    return EventRecord.of(written, offset, Objects.requireNonNull(deserializers.get(type)));
  }

  /** Frees native memory; records created earlier stay readable. */
  @Override
  public void close() {
    deserializers.values().forEach(Deserializer::close);
  }
}
