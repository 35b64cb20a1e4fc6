package io.hermes.subscribe;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Fault;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.HeldTransaction;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@KafkaTest
@Timeout(90)
@SuppressWarnings("try") // a subscriber that only runs
class OpenTransactionHealthTest {

  private final Kafka kafka;

  OpenTransactionHealthTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Tag("slow")
  @Test
  void eventsAfterAnOpenTransactionAreLagAndAFaultThatNamesIt() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      String id = "settlement-" + users.topic().name();
      Patience patience = Patience.DEFAULT.transaction(Duration.ofSeconds(2));
      try (HermesSubscriber subscriber =
          users.subscriber().patience(patience).start(delivery -> {})) {
        users.send("user-1", 0).get();
        Await.until("handled", () -> users.committedSum() == 1);
        // What has been quiet for long is not held back for long once a transaction begins.
        long quietNs = System.nanoTime();
        Instant earliest = Instant.now(); // long before, though the ends are asked every 5 seconds
        Await.until("quiet", () -> System.nanoTime() - quietNs > SECONDS.toNanos(8));
        TopicPartition partition = new TopicPartition(users.topic().name(), 0);
        UserEvent event = Users.event("user-2", 1);
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(
                users.topic().name(), users.topic().key(event), event.toByteArray());
        users.topic().addHeaders(event, record.headers());
        try (HeldTransaction held = kafka.holdTransaction(id, record)) {
          users.sendAll(1, 50);
          Await.until("lag", () -> subscriber.health().lag().equals(Map.of(partition, 51L)));
          Await.until("at fault", () -> !subscriber.health().faults().isEmpty());
          Fault fault = subscriber.health().faults().get(0);
          assertThat(fault.kind()).isEqualTo(Fault.Kind.OPEN_TRANSACTION);
          assertThat(fault.partition()).isEqualTo(Optional.of(partition));
          assertThat(fault.since()).isAfter(earliest);
          assertThat(fault.problem()).contains(partition.toString(), id, "offset 1 ");
          held.abort();
        }
        Await.until("handled", () -> subscriber.health().counts().handled() == 51);
        Await.until("healthy", () -> subscriber.health().isHealthy());
        Await.until("no lag", () -> subscriber.health().lag().equals(Map.of(partition, 0L)));
      }
    }
  }
}
