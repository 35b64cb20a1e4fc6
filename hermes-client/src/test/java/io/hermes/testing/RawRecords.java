package io.hermes.testing;

import io.hermes.testkit.Kafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic with Kafka's own consumer, to see what is really there. */
public final class RawRecords {

  private RawRecords() {}

  /** All records that the topic has now, in order within each partition. */
  public static List<ConsumerRecord<byte[], byte[]>> readAll(Kafka kafka, String topic) {
    return read(kafka, topic, "read_uncommitted");
  }

  /** The committed records that the topic has now, up to the first transaction that is open. */
  public static List<ConsumerRecord<byte[], byte[]>> readCommitted(Kafka kafka, String topic) {
    return read(kafka, topic, "read_committed");
  }

  private static List<ConsumerRecord<byte[], byte[]>> read(
      Kafka kafka, String topic, String isolation) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", isolation),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        if (System.nanoTime() - deadlineNs > 0) {
          throw new AssertionError("Did not reach the end of " + topic + " in 30 s");
        }
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
      return records;
    }
  }
}
