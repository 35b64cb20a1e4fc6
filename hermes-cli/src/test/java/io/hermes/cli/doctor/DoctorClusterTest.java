package io.hermes.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.Run;
import io.hermes.testkit.HeldTransaction;
import io.hermes.testkit.KafkaCluster;
import org.apache.kafka.clients.producer.ProducerRecord;
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
      kafka.createTopic("user.events", 6);
      try (HeldTransaction held =
          kafka.holdTransaction(
              "settlement-7", new ProducerRecord<>("user.events", 0, null, new byte[1]))) {
        assertThat(Run.hermes(all, "doctor").out())
            .contains("ok       quorum         3 voters: 1, 2, 3")
            .contains("failure  transactions   user.events-0: readers are blocked at offset 0 by")
            .contains("the transaction of 'settlement-7' (producer ")
            .containsPattern(
                "abort the transaction: kafka-transactions.sh --bootstrap-server \\S+ abort --topic"
                    + " user.events --partition 0 --start-offset 0");
        held.abort();
      }
      assertThat(Run.hermes(all, "doctor").out())
          .contains("ok       transactions   none blocks readers");

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
