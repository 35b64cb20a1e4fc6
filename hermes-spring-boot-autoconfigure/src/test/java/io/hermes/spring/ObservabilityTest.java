package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Metrics and observations are there as soon as the application has a registry for them. */
@KafkaTest
@Timeout(180)
class ObservabilityTest {

  static class Service {
    private final HermesPublisher<UserEvent> publisher;

    Service(HermesPublisher<UserEvent> publisher) {
      this.publisher = publisher;
    }

    @HermesListener(group = "billing")
    void handle(UserEvent event) {}
  }

  static ApplicationContextRunner measured(Kafka kafka) {
    return Services.on(kafka)
        .withConfiguration(
            AutoConfigurations.of(
                HermesMicrometerAutoConfiguration.class,
                PropertyPlaceholderAutoConfiguration.class,
                MetricsAutoConfiguration.class,
                CompositeMeterRegistryAutoConfiguration.class,
                SimpleMetricsExportAutoConfiguration.class))
        .withBean(Service.class);
  }

  private static long count(MeterRegistry meters, String timer) {
    return meters.find(timer).timers().stream().mapToLong(found -> found.count()).sum();
  }

  /** Publishes two events, and expects that each is counted once at either end. */
  private static void assertCountsEachEventOnce(ApplicationContextRunner runner) {
    runner.run(
        context -> {
          MeterRegistry meters = context.getBean(MeterRegistry.class);
          HermesPublisher<UserEvent> publisher = context.getBean(Service.class).publisher;
          publisher.publishAndWait(Services.event("one"), Duration.ofSeconds(20));
          publisher.publishAndWait(Services.event("two"), Duration.ofSeconds(20));
          Services.await("handled", () -> count(meters, "hermes.handle") >= 2);
          assertThat(count(meters, "hermes.handle")).isEqualTo(2);
          assertThat(count(meters, "hermes.publish")).isEqualTo(2);
          assertThat(meters.find("hermes.subscriber.lag.age").gauges()).isNotEmpty();
          assertThat(meters.find("kafka.producer.record.send.total").meters()).isNotEmpty();
        });
  }

  @Test
  void timersComeFromTheMetricsWithoutObservations(Kafka kafka) {
    assertCountsEachEventOnce(measured(kafka));
  }

  @Test
  void timersComeFromTheObservationsWhereTheseAreMeasured(Kafka kafka) {
    assertCountsEachEventOnce(
        measured(kafka)
            .withConfiguration(AutoConfigurations.of(ObservationAutoConfiguration.class)));
  }
}
