package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.EventHeaders;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Decodes the events of a type. Safe for any thread.
 *
 * @param any for any record
 * @param plain for one that {@link #isPlain}: it does not look for the header again
 * @param <M> the events' type
 */
record Decoder<M extends Message>(Deserializer<? extends M> any, Deserializer<? extends M> plain) {

  private static final Headers NONE = new ConsumerRecord<>("", 0, 0, "", "").headers();

  static <M extends Message> Decoder<M> of(Deserializer<? extends M> deserializer) {
    return new Decoder<>(
        deserializer, (topic, value) -> deserializer.deserialize(topic, NONE, value));
  }

  /** Whether its value is certainly not encoded. */
  static boolean isPlain(ConsumerRecord<?, ?> record) {
    return record.headers().lastHeader(EventHeaders.CONTENT_ENCODING) == null;
  }

  void close() {
    any.close();
  }
}
