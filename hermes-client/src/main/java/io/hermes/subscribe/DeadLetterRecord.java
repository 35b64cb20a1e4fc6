package io.hermes.subscribe;

import io.hermes.kafka.Thrown;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** Builds dead-letter records. Stateless. */
final class DeadLetterRecord {

  private static final int LONGEST_HEADER = 1024;

  private DeadLetterRecord() {}

  /** The original record, with headers that say where it comes from and why it failed. */
  static ProducerRecord<byte[], byte[]> of(WorkItem item, Throwable cause, String group) {
    ConsumerRecord<byte[], byte[]> record = item.record;
    String topic = DeadLetterHeaders.topicOf(record.topic());
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(topic, null, record.key(), record.value());
    Headers headers = letter.headers();
    for (Header header : record.headers()) {
      boolean ours =
          header.key().startsWith(DeadLetterHeaders.PREFIX)
              || header.key().equals(DeadLetterHeaders.REDRIVE_GROUP);
      if (!ours) {
        headers.add(header);
      }
    }
    put(headers, DeadLetterHeaders.TOPIC, record.topic());
    put(headers, DeadLetterHeaders.PARTITION, Integer.toString(record.partition()));
    put(headers, DeadLetterHeaders.OFFSET, Long.toString(record.offset()));
    put(headers, DeadLetterHeaders.TIMESTAMP, Long.toString(record.timestamp()));
    put(headers, DeadLetterHeaders.GROUP, group);
    put(headers, DeadLetterHeaders.EXCEPTION, cause.getClass().getName());
    put(headers, DeadLetterHeaders.MESSAGE, String.valueOf(Thrown.message(cause)));
    put(headers, DeadLetterHeaders.ATTEMPTS, Integer.toString(Math.max(1, item.failures)));
    return letter;
  }

  private static void put(Headers headers, String name, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LONGEST_HEADER) {
      int end = LONGEST_HEADER - 3;
      while ((bytes[end] & 0xC0) == 0x80) {
        end--; // not in the middle of a character
      }
      bytes =
          (new String(bytes, 0, end, StandardCharsets.UTF_8) + "...")
              .getBytes(StandardCharsets.UTF_8);
    }
    headers.add(name, bytes);
  }
}
