package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testkit.HeldTransaction;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
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
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 1, null, new byte[1]);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      try (HeldTransaction ended = kafka.holdTransaction(id, record)) {
        ended.commit(); // takes offset 1 for its marker
      }
      try (HeldTransaction held = kafka.holdTransaction(id, record)) {
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

        held.abort();
        assertThat(find(admin, partition)).isEmpty();
      }
    }
  }

  private static List<OpenTransaction> find(Admin admin, TopicPartition partition)
      throws Exception {
    return OpenTransaction.find(admin, partition, TIMEOUT).get(30, TimeUnit.SECONDS);
  }
}
