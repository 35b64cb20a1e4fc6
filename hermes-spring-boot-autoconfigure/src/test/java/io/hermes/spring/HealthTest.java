package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;

/** Health has no detail that is unknown, and none that contradicts another. */
@KafkaTest
@Timeout(180)
class HealthTest {

  static class Billing {
    final HermesPublisher<UserEvent> publisher;

    Billing(HermesPublisher<UserEvent> publisher) {
      this.publisher = publisher;
    }

    @HermesListener(group = "billing")
    void handle(UserEvent event) {}
  }

  private static Health health(AssertableApplicationContext context, String name) {
    HermesHealth all = context.getBean(HermesHealth.class);
    HealthIndicator indicator = (HealthIndicator) Objects.requireNonNull(all.getContributor(name));
    return Objects.requireNonNull(indicator.health());
  }

  private static Map<String, Object> details(AssertableApplicationContext context, String name) {
    return health(context, name).getDetails();
  }

  @Test
  void withoutABrokerThereIsNoLagAndNoStateThatContradictsTheFault() {
    Services.without()
        .withBean(Billing.class)
        .withPropertyValues(
            "spring.kafka.bootstrap-servers=localhost:1", "hermes.open-timeout=300ms")
        .run(
            context -> {
              Services.await(
                  "faults",
                  () ->
                      details(context, "publisher").toString().contains("BROKERS")
                          && details(context, "billing").toString().contains("BROKERS"));
              assertThat(health(context, "publisher").getStatus()).isEqualTo(Status.DOWN);
              assertThat(details(context, "publisher"))
                  .containsEntry("state", ConnectingPublisher.State.CONNECTING)
                  .doesNotContainKey("connected");
              assertThat(details(context, "billing"))
                  .containsEntry("joined", false)
                  .doesNotContainKey("lag");
            });
  }

  @Test
  void theLagIsThereOnceItIsKnown(Kafka kafka) {
    Services.on(kafka)
        .withBean(Billing.class)
        .run(
            context -> {
              context
                  .getBean(Billing.class)
                  .publisher
                  .publishAndWait(Services.event("one"), Duration.ofSeconds(20));
              Services.await("handled", () -> Objects.equals(0L, lag(context)));
              assertThat(health(context, "billing").getStatus()).isEqualTo(Status.UP);
              assertThat(details(context, "publisher"))
                  .containsEntry("state", ConnectingPublisher.State.OPEN);
            });
  }

  private static Object lag(AssertableApplicationContext context) {
    return details(context, "billing").getOrDefault("lag", "unknown");
  }
}
