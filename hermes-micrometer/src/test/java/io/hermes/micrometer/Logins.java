package io.hermes.micrometer;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.Kafka;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** Events for tests, and a registry that notes what it cannot take. */
final class Logins {

  private Logins() {}

  static Topic<UserEvent> topic(Kafka kafka, int partitions) {
    return Topic.builder(UserEvent.class, kafka.uniqueTopic("user.events", partitions))
        .keyField("user_id")
        .typeField("event_type")
        .build();
  }

  static UserEvent event(String user) {
    return UserEvent.newBuilder()
        .setUserId(user)
        .setEventType(UserEvent.EventType.USER_LOGIN)
        .build();
  }

  static void publish(Kafka kafka, Topic<UserEvent> topic, int events) {
    try (var publisher =
        HermesPublisher.builder(topic)
            .settings(KafkaSettings.of(kafka.bootstrapServers()))
            .open()) {
      for (int i = 0; i < events; i++) {
        publisher.publishAndWait(event("user-" + i), Duration.ofSeconds(30));
      }
    }
  }

  /** A Prometheus registry and the meters that it did not take. */
  record Scraped(PrometheusMeterRegistry registry, List<String> refused) {

    static Scraped fresh() {
      PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      List<String> refused = new CopyOnWriteArrayList<>();
      registry.config().onMeterRegistrationFailed((id, why) -> refused.add(id + ": " + why));
      return new Scraped(registry, refused);
    }

    /** The lines with values. */
    List<String> lines() {
      return registry.scrape().lines().filter(line -> !line.startsWith("#")).toList();
    }

    List<String> lines(String prefix) {
      return lines().stream().filter(line -> line.startsWith(prefix)).toList();
    }

    double sum(String prefix) {
      return lines(prefix).stream()
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }

    List<String> meters() {
      return registry.getMeters().stream()
          .map(Meter::getId)
          .map(Object::toString)
          .sorted()
          .toList();
    }
  }

  static void await(String what, Callable<Boolean> condition) throws Exception {
    await(what, Duration.ofSeconds(30), condition);
  }

  static void await(String what, Duration timeout, Callable<Boolean> condition) throws Exception {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - deadlineNs > 0) {
        throw new AssertionError("Not within " + timeout + ": " + what);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }
}
