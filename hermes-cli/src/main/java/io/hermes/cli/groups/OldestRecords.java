package io.hermes.cli.groups;

import io.hermes.kafka.ClientIds;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads one record of each partition, without a group, for its timestamp. Stateless. */
final class OldestRecords {

  private OldestRecords() {}

  /**
   * The timestamps of the first records at or after those offsets.
   *
   * @return the timestamps, without partitions that have no such record, may not be read, or take
   *     too long
   */
  static Map<TopicPartition, Long> timestamps(
      KafkaSettings settings, Map<TopicPartition, Long> offsets, Duration patience) {
    Map<TopicPartition, Long> timestamps = new HashMap<>();
    if (offsets.isEmpty()) {
      return timestamps;
    }
    Map<String, Object> config =
        settings.consumerProperties(
            Map.of(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 64 << 10));
    ClientIds.assign(config, "reader");
    long deadlineNs = System.nanoTime() + patience.toNanos();
    try (Consumer<byte[], byte[]> consumer = settings.clients().consumer(config)) {
      Set<TopicPartition> missing = new HashSet<>(offsets.keySet());
      consumer.assign(missing);
      offsets.forEach(consumer::seek);
      while (!missing.isEmpty() && System.nanoTime() - deadlineNs < 0) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
        for (TopicPartition partition : records.partitions()) {
          ConsumerRecord<byte[], byte[]> first = records.records(partition).get(0);
          timestamps.putIfAbsent(partition, first.timestamp());
        }
        missing.removeAll(records.partitions());
        consumer.pause(records.partitions());
        missing.removeIf(partition -> isAtEnd(consumer, partition));
      }
    } catch (KafkaException e) {
      return timestamps; // a missing age is not worth an error; it is shown as unknown
    }
    return timestamps;
  }

  /** Whether only transaction markers remain. */
  private static boolean isAtEnd(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
    var lag = consumer.currentLag(partition);
    return lag.isPresent() && lag.getAsLong() == 0;
  }
}
