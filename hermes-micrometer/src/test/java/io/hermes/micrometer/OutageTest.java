package io.hermes.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Fault;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.micrometer.Logins.Scraped;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.KafkaCluster;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a registry has while the broker is down, and afterwards. */
@Timeout(180)
class OutageTest {

  private final Scraped scraped = Scraped.fresh();
  private final HermesMetrics metrics = HermesMetrics.of(scraped.registry());

  @Tag("slow")
  @Test
  void duringAnOutageLagKeepsItsValueAndItsAgeGrows() throws Exception {
    duringAnOutageOf(Duration.ofSeconds(4));
  }

  @Test
  @Tag("full")
  void duringAnOutageOfAMinuteLagKeepsItsValueAndItsAgeGrows() throws Exception {
    duringAnOutageOf(Duration.ofSeconds(60));
  }

  private void duringAnOutageOf(Duration outage) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (KafkaCluster kafka = KafkaCluster.start()) {
      Topic<UserEvent> topic = Logins.topic(kafka, 2);
      KafkaSettings settings =
          KafkaSettings.builder()
              .bootstrapServers(kafka.bootstrapServers())
              .clients(metrics.clients())
              .build();
      Logins.publish(kafka, topic, 20);
      try (var publisher =
              HermesPublisher.builder(topic)
                  .settings(settings)
                  .observer(metrics.publisher())
                  .open();
          var subscriber =
              HermesSubscriber.builder(topic)
                  .settings(settings)
                  .group("group-" + UUID.randomUUID())
                  .observer(metrics.subscriber())
                  .start(delivery -> release.await())) {
        Logins.await("all is behind", () -> lag() == 20 && value("in_flight_records") == 20);
        assertThat(value("healthy")).isEqualTo(1);
        List<String> before = scraped.lines("hermes_subscriber_lag_records");

        String address = kafka.bootstrapServers();
        kafka.broker(1).kill();
        Logins.await(
            "the outage is over",
            outage.plusSeconds(30),
            () -> {
              assertThat(scraped.lines("hermes_subscriber_lag_records")).isEqualTo(before);
              assertThat(scraped.lines()).noneMatch(line -> line.endsWith("NaN"));
              return value("lag_age_seconds") > outage.toSeconds()
                  && value("since_response_seconds") > outage.toSeconds()
                  && value("healthy") == 0
                  && faults("brokers") == 1
                  && scraped.sum("hermes_publisher_healthy") == 0;
            });
        Fault fault =
            subscriber.health().faults().stream()
                .filter(one -> one.kind() == Fault.Kind.BROKERS)
                .findFirst()
                .orElseThrow();
        assertThat(fault.brokers()).containsExactly(address);
        assertThat(fault.problem()).contains(address);
        assertThat(publisher.health().isHealthy()).isFalse();

        kafka.broker(1).start();
        release.countDown();
        Logins.await(
            "all is handled",
            Duration.ofSeconds(60),
            () ->
                value("healthy") == 1
                    && value("faults") == 0
                    && lag() == 0
                    && value("lag_age_seconds") < 5);
        Logins.await("the publisher too", () -> scraped.sum("hermes_publisher_healthy") == 1);
      } finally {
        release.countDown();
      }
    }
    assertThat(scraped.refused()).isEmpty();
  }

  private double lag() {
    List<String> lines = scraped.lines("hermes_subscriber_lag_records");
    return lines.size() == 2 ? scraped.sum("hermes_subscriber_lag_records") : -1;
  }

  private double faults(String kind) {
    return scraped.lines("hermes_subscriber_faults").stream()
        .filter(line -> line.contains("kind=\"" + kind + "\"") && line.endsWith(" 1.0"))
        .count();
  }

  private double value(String name) {
    return scraped.sum("hermes_subscriber_" + name);
  }
}
