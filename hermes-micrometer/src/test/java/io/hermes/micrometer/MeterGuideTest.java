package io.hermes.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.jdbc.OutboxHealth;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.TransactionalPublisher;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The table of docs/observability.md has what a registry has. */
@KafkaTest
@Timeout(60)
class MeterGuideTest {

  private static final Pattern ROW =
      Pattern.compile(
          "(?m)^\\| `(hermes[a-z.]+)` \\| (\\w+) \\| ([a-z, ]*) ?\\| (\\w*) ?\\| .+ \\|$");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final HermesMetrics metrics = HermesMetrics.of(registry);
  private final Kafka kafka;

  MeterGuideTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void theGuideHasEveryMeterWithItsTypeTagsAndUnit() throws Exception {
    Topic<UserEvent> topic = Logins.topic(kafka, 1);
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    try (var publisher =
            HermesPublisher.builder(topic).settings(settings).observer(metrics.publisher()).open();
        var transactional =
            TransactionalPublisher.builder()
                .topic(topic)
                .settings(settings)
                .observer(metrics.publisher())
                .open();
        var subscriber =
            HermesSubscriber.builder(topic)
                .settings(settings)
                .group("group-" + UUID.randomUUID())
                .observer(metrics.subscriber())
                .start(delivery -> {})) {
      publisher.publishAndWait(Logins.event("u"), Duration.ofSeconds(30));
      Logins.await("handled", () -> registry.find("hermes.handle").timer() != null);
      Logins.await("lag", () -> registry.find("hermes.subscriber.lag").gauge() != null);
      assertThat(subscriber.health().isHealthy()).isTrue();
      assertThat(transactional.health().isHealthy()).isTrue();
      Runnable unused = OutboxMetrics.register(registry, MeterGuideTest::outbox);
      assertThat(rows()).isEqualTo(meters());
    }
  }

  private static OutboxHealth outbox() {
    return new OutboxHealth(
        true, List.of(0), 1, 0, Optional.empty(), new OutboxHealth.Counts(0, 0, 0), List.of());
  }

  private Set<String> meters() {
    return registry.getMeters().stream()
        .map(
            meter ->
                meter.getId().getName()
                    + " "
                    + type(meter)
                    + " "
                    + meter.getId().getTags().stream()
                        .map(Tag::getKey)
                        .collect(Collectors.toCollection(TreeSet::new))
                    + " "
                    + Objects.requireNonNullElse(meter.getId().getBaseUnit(), ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String type(Meter meter) {
    return meter instanceof Timer
        ? "timer"
        : meter instanceof Gauge
            ? "gauge"
            : meter instanceof FunctionCounter ? "counter" : meter.getClass().getName();
  }

  private static Set<String> tags(String names) {
    return names.isEmpty() ? Set.of() : new TreeSet<>(Set.of(names.split(", ", -1)));
  }

  private static Set<String> rows() throws Exception {
    return ROW.matcher(Files.readString(Path.of("../docs/observability.md")))
        .results()
        .map(
            row ->
                row.group(1)
                    + " "
                    + row.group(2)
                    + " "
                    + tags(row.group(3).strip())
                    + " "
                    + row.group(4))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
