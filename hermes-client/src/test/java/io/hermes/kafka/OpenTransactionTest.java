package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@KafkaTest
@Timeout(60)
class OpenTransactionTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Kafka kafka;

  OpenTransactionTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void namesTheTransactionThatHoldsAPartitionUpAndNothingOnceItHasEnded() throws Exception {
    String topic = kafka.uniqueTopic("held", 2);
    TopicPartition partition = new TopicPartition(topic, 1);
    String id = "settlement-" + topic;
    Map<String, Object> config =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", id);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        KafkaProducer<String, String> producer =
            new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, 1, "a", "committed")).get();
      producer.commitTransaction(); // takes offset 1 for its marker
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, 1, "a", "open")).get();

      List<OpenTransaction> open = find(admin, partition);
      assertThat(open).hasSize(1);
      OpenTransaction one = open.get(0);
      assertThat(one.partition()).isEqualTo(partition);
      assertThat(one.startOffset()).isEqualTo(2);
      assertThat(one.transactionalId()).contains(id);
      assertThat(one.abortCommand("broker:9092"))
          .isEqualTo(
              "kafka-transactions.sh --bootstrap-server broker:9092 abort --topic "
                  + topic
                  + " --partition 1 --start-offset 2");
      assertThat(find(admin, new TopicPartition(topic, 0))).isEmpty();

      producer.abortTransaction();
      // The coordinator has the markers written after it has answered.
      long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (!find(admin, partition).isEmpty()) {
        assertThat(System.nanoTime()).isLessThan(deadlineNs);
      }
    }
  }

  private static List<OpenTransaction> find(Admin admin, TopicPartition partition)
      throws Exception {
    return OpenTransaction.find(admin, partition, TIMEOUT).get(30, TimeUnit.SECONDS);
  }
}
