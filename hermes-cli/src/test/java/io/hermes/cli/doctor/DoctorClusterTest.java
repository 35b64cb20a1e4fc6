package io.hermes.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.Run;
import io.hermes.testkit.KafkaCluster;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clusters that answer and are ill. */
@Timeout(120)
class DoctorClusterTest {

  @Tag("full")
  @Test
  void namesTheBrokerThatHangsAndTheTransactionThatHolds() throws Exception {
    try (KafkaCluster kafka =
        KafkaCluster.builder()
            .brokers(3)
            .property("broker.session.timeout.ms", "60000") // it stays in the metadata
            .start()) {
      String all = kafka.bootstrapServers();
      assertThat(Run.hermes(all, "topics", "apply").exitCode()).isZero();
      Map<String, Object> config =
          Map.of("bootstrap.servers", all, "transactional.id", "settlement-7");
      try (KafkaProducer<String, String> producer =
          new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("user.events", 0, "a", "b")).get();
        assertThat(Run.hermes(all, "doctor").out())
            .contains("ok       quorum         3 voters: 1, 2, 3")
            .contains("failure  transactions   user.events-0: readers are blocked at offset 0 by")
            .contains("the transaction of 'settlement-7' (producer ")
            .containsPattern(
                "abort the transaction: kafka-transactions.sh --bootstrap-server \\S+ abort --topic"
                    + " user.events --partition 0 --start-offset 0");
        producer.abortTransaction();
      }
      // The coordinator has the markers written after it has answered.
      long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      String none = "ok       transactions   none blocks readers";
      for (String out = ""; !out.contains(none); out = Run.hermes(all, "doctor").out()) {
        assertThat(System.nanoTime()).as(out).isLessThan(deadlineNs);
      }

      kafka.broker(2).pause();
      String hung = "127.0.0.1:" + kafka.broker(2).port();
      Run run = Run.hermes(all, "doctor");
      kafka.broker(2).resume();
      assertThat(run.out())
          .contains("failure  broker         broker 2 at " + hung)
          .contains("accepts connections but does not respond: no response within")
          .contains("topics         ")
          .contains("replicas       ")
          .doesNotContain("not all questions");
      assertThat(run.exitCode()).isEqualTo(1);
    }
  }
}
