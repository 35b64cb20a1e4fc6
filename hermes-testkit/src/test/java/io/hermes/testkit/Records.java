package io.hermes.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Plain producing and reading with Kafka's own clients. */
final class Records {

  private Records() {}

  /** Sends each value and returns when all are acknowledged by all in-sync replicas. */
  static void produce(Kafka kafka, String topic, List<String> values) throws Exception {
    try (KafkaProducer<String, String> producer = producer(kafka)) {
      for (var acknowledged :
          values.stream().map(v -> producer.send(new ProducerRecord<>(topic, v))).toList()) {
        acknowledged.get(30, SECONDS);
      }
    }
  }

  static KafkaProducer<String, String> producer(Kafka kafka) {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", 0, "acks", "all"),
        new StringSerializer(),
        new StringSerializer());
  }

  /** Reads partition 0 from its beginning to the end that it has now. */
  static List<String> readAll(Kafka kafka, String topic) {
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new StringDeserializer(),
            new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToEnd(List.of(partition));
      long end = consumer.position(partition);
      consumer.seekToBeginning(List.of(partition));
      long deadlineNs = System.nanoTime() + SECONDS.toNanos(30);
      List<String> values = new ArrayList<>();
      while (consumer.position(partition) < end && System.nanoTime() - deadlineNs < 0) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
      }
      return values;
    }
  }
}
