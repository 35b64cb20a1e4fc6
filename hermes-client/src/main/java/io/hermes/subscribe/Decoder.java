package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.EventHeaders;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Decodes the events of a type. Thread-safe.
 *
 * @param any for any record
 * @param plain for records that are {@link #isPlain}: skips another search for the header
 * @param <M> the events' type
 */
record Decoder<M extends Message>(Deserializer<? extends M> any, Deserializer<? extends M> plain) {

  private static final Headers NONE = new ConsumerRecord<>("", 0, 0, "", "").headers();

  static <M extends Message> Decoder<M> of(Deserializer<? extends M> deserializer) {
    return new Decoder<>(
        deserializer, (topic, value) -> deserializer.deserialize(topic, NONE, value));
  }

  /** Whether the value has no {@code content-encoding}. */
  static boolean isPlain(ConsumerRecord<?, ?> record) {
    return record.headers().lastHeader(EventHeaders.CONTENT_ENCODING) == null;
  }

  void close() {
    any.close();
  }
}
