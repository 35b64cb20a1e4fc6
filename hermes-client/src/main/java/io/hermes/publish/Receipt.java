package io.hermes.publish;

import java.time.Instant;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * An acknowledgement: all in-sync replicas of the partition have the event.
 *
 * @param topic the topic's name
 * @param partition the partition's number
 * @param offset the record's offset in the partition; -1 if the broker already had the record from
 *     an earlier attempt and no longer knew its offset
 * @param timestamp the record's timestamp: when it was published, or when it was appended if the
 *     topic uses log append time
 * @param keyBytes the size of the key; -1 if there is none
 * @param valueBytes the size of the value as written, before the batch is compressed; -1 for a
 *     tombstone
 */
public record Receipt(
    String topic, int partition, long offset, Instant timestamp, int keyBytes, int valueBytes) {

  static Receipt of(RecordMetadata written, int keyBytes, int valueBytes) {
    return new Receipt(
        written.topic(),
        written.partition(),
        written.hasOffset() ? written.offset() : -1,
        Instant.ofEpochMilli(written.timestamp()),
        keyBytes,
        valueBytes);
  }
}
