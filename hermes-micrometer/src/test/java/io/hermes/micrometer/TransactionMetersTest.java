package io.hermes.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.micrometer.Logins.Scraped;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.TransactionalPublisher;
import io.hermes.subscribe.HermesPipe;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many transactions are committed, and how many are not. */
@KafkaTest
@Timeout(60)
class TransactionMetersTest {

  private final Scraped scraped = Scraped.fresh();
  private final HermesMetrics metrics = HermesMetrics.of(scraped.registry());
  private final Kafka kafka;
  private final KafkaSettings settings;

  TransactionMetersTest(Kafka kafka) {
    this.kafka = kafka;
    this.settings = KafkaSettings.of(kafka.bootstrapServers());
  }

  private double count(String name, String outcome) {
    return scraped.lines(name).stream()
        .filter(line -> line.contains("outcome=\"" + outcome + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void transactionsOfAPublisherAreCountedByTheirOutcome() throws Exception {
    String name = "hermes_publisher_transactions_total";
    Topic<UserEvent> topic = Logins.topic(kafka, 1);
    try (var unused =
        HermesPublisher.builder(topic).settings(settings).observer(metrics.publisher()).open()) {
      assertThat(unused.health().isHealthy()).isTrue();
      assertThat(scraped.lines(name)).isEmpty(); // it has none
    }
    try (TransactionalPublisher publisher =
        TransactionalPublisher.builder()
            .topic(topic)
            .settings(settings)
            .observer(metrics.publisher())
            .open()) {
      assertThat(scraped.lines(name)).hasSize(3);
      for (int i = 0; i < 3; i++) {
        publisher.transaction(tx -> tx.publish(Logins.event("user")));
      }
      assertThatThrownBy(
              () -> publisher.transaction(tx -> tx.publish(UserEvent.getDefaultInstance())))
          .hasMessageContaining("was aborted");
      Logins.await("counted", () -> count(name, "aborted") == 1);
      assertThat(count(name, "committed")).isEqualTo(3);
      assertThat(count(name, "unknown")).isZero();
    }
    assertThat(scraped.lines(name)).isEmpty();
  }

  @Test
  void commitsAndAbortsOfAPipeAreCounted() throws Exception {
    String name = "hermes_subscriber_transactions_total";
    Topic<UserEvent> input = Logins.topic(kafka, 1);
    String group = "group-" + UUID.randomUUID();
    Logins.publish(kafka, input, 1);
    try (var pipe =
        HermesPipe.from(input)
            .to(Logins.topic(kafka, 1))
            .settings(settings.toBuilder().property("group.instance.id", "pod-1").build())
            .group(group)
            .maxSlice(Duration.ofMillis(20))
            .observer(metrics.subscriber())
            .start((delivery, out) -> out.emit(delivery.event()))) {
      Logins.await("committed", () -> count(name, "committed") > 0);
      assertThat(count(name, "aborted")).isZero();
      kafka.fence(group + "-pipe-pod-1");
      double before = count(name, "committed");
      Logins.publish(kafka, input, 1);
      Logins.await("aborted", () -> count(name, "aborted") > 0);
      Logins.await("committed again", () -> count(name, "committed") > before);
      assertThat(pipe.health().counts().failed()).isZero();
    }
    assertThat(scraped.refused()).isEmpty();
  }
}
