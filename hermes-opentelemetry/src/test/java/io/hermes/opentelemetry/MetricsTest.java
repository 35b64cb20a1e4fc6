package io.hermes.opentelemetry;

import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.TransactionalPublisher;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberHealth;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is measured, by which names, and when it disappears. */
@KafkaTest
@Timeout(120)
@SuppressWarnings("try") // a subscriber that only runs
class MetricsTest {

  private final Kafka kafka;

  MetricsTest(Kafka kafka) {
    this.kafka = kafka;
  }

  private static Attributes attributes(Users users, @Nullable String group, String... more) {
    var attributes =
        Attributes.builder()
            .put("messaging.system", "kafka")
            .put("messaging.operation.name", group == null ? "send" : "process")
            .put("messaging.destination.name", users.topic().name())
            .put("messaging.destination.partition.id", "0");
    if (group != null) {
      attributes.put("messaging.consumer.group.name", group);
    }
    for (int i = 0; i < more.length; i += 2) {
      attributes.put(more[i], more[i + 1]);
    }
    return attributes.build();
  }

  private static Map<Attributes, Long> sums(Users users, String name) {
    return users.metric(name).orElseThrow().getLongSumData().getPoints().stream()
        .collect(Collectors.toMap(LongPointData::getAttributes, LongPointData::getValue));
  }

  private static Map<Attributes, Long> durations(Users users, String name) {
    MetricData metric = users.metric(name).orElseThrow();
    assertThat(metric.getUnit()).isEqualTo("s");
    assertThat(metric.getHistogramData().getPoints())
        .allSatisfy(
            point ->
                assertThat(point.getBoundaries())
                    .containsExactly(
                        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5,
                        10.0));
    return metric.getHistogramData().getPoints().stream()
        .collect(Collectors.toMap(HistogramPointData::getAttributes, HistogramPointData::getCount));
  }

  @Test
  void operationsAreCountedAndMeasuredAsTheConventionsSay() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.publishInTraces(2);
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .start(
                  delivery -> {
                    if (delivery.record().offset() == 0 && delivery.attempt() < 3) {
                      throw new IllegalStateException("no account");
                    }
                  })) {
        users.awaitSpans("process", 4);
      }
      Attributes sent = attributes(users, null);
      assertThat(sums(users, "messaging.client.sent.messages")).isEqualTo(Map.of(sent, 2L));
      assertThat(durations(users, "messaging.client.operation.duration"))
          .isEqualTo(Map.of(attributes(users, null, "messaging.operation.type", "send"), 2L));
      String illegal = "java.lang.IllegalStateException";
      Map<Attributes, Long> processed =
          Map.of(
              attributes(users, users.group()),
              2L,
              attributes(users, users.group(), "error.type", illegal),
              2L);
      assertThat(durations(users, "messaging.process.duration")).isEqualTo(processed);
      assertThat(sums(users, "messaging.client.consumed.messages")).isEqualTo(processed);
      assertThat(sums(users, "hermes.subscriber.failures"))
          .isEqualTo(
              Map.of(
                  Attributes.of(
                      stringKey("messaging.destination.name"),
                      users.topic().name(),
                      stringKey("messaging.consumer.group.name"),
                      users.group(),
                      stringKey("error.type"),
                      illegal,
                      stringKey("hermes.outcome"),
                      "retry"),
                  2L));
    }
  }

  @Test
  void transactionsOfAPublisherAreCountedByTheirOutcome() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      try (HermesPublisher<UserEvent> others = users.publisher()) {
        assertThat(others.health().isHealthy()).isTrue();
        assertThat(users.metric("hermes.publisher.transactions")).isEmpty(); // it has none
      }
      try (TransactionalPublisher publisher =
          TransactionalPublisher.builder()
              .topic(users.topic())
              .settings(users.settings())
              .observer(users.telemetry().publisher())
              .open()) {
        publisher.transaction(tx -> tx.publish(Users.event(1)));
        publisher.transaction(tx -> tx.publish(Users.event(2)));
        assertThatThrownBy(
                () -> publisher.transaction(tx -> tx.publish(UserEvent.getDefaultInstance())))
            .hasMessageContaining("was aborted");
        assertThat(
                sums(users, "hermes.publisher.transactions").entrySet().stream()
                    .collect(
                        Collectors.toMap(e -> e.getKey().get(Names.OUTCOME), Map.Entry::getValue)))
            .isEqualTo(Map.of("committed", 2L, "aborted", 1L, "unknown", 0L));
      }
      assertThat(users.metric("hermes.publisher.transactions")).isEmpty();
    }
  }

  /** The lag of each partition, as reported by this member. */
  private static Map<String, Long> lag(Users users, HermesSubscriber member) {
    Set<String> own =
        member.health().assigned().stream()
            .map(partition -> Integer.toString(partition.partition()))
            .collect(Collectors.toSet());
    Map<String, Long> lag = new TreeMap<>();
    users
        .metric("hermes.subscriber.lag")
        .ifPresent(
            metric ->
                metric.getLongGaugeData().getPoints().stream()
                    .filter(point -> own.contains(partition(point)))
                    .forEach(point -> lag.merge(partition(point), point.getValue(), Long::sum)));
    return lag;
  }

  private static String partition(LongPointData point) {
    return String.valueOf(
        point.getAttributes().get(stringKey("messaging.destination.partition.id")));
  }

  private static long lags(Users users) {
    return users
        .metric("hermes.subscriber.lag")
        .map(metric -> metric.getLongGaugeData().getPoints().size())
        .orElse(0);
  }

  @Test
  void aRevokedPartitionDisappearsAndAClosedSubscriberTakesAllItsGaugesAlong() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    try (Users users = new Users(kafka, 2)) {
      users.publishInTraces(4);
      HermesSubscriber first = users.subscriber().start(delivery -> goOn.await());
      Users.await("both partitions have a lag", () -> lag(users, first).size() == 2);
      assertThat(lag(users, first).values().stream().mapToLong(n -> n).sum()).isEqualTo(4);
      assertThat(
              users.metric("hermes.subscriber.faults").orElseThrow().getLongSumData().getPoints())
          .extracting(LongPointData::getValue)
          .containsOnly(0L);
      goOn.countDown();
      HermesSubscriber second = users.subscriber().start(delivery -> {});
      Users.await(
          "each has one", () -> lag(users, first).size() == 1 && lag(users, second).size() == 1);
      assertThat(lags(users)).isEqualTo(2);
      second.close();
      Users.await("the first has both again", () -> lag(users, first).size() == 2);
      first.close();
      assertThat(users.metrics())
          .extracting(MetricData::getName)
          .containsExactlyInAnyOrder(
              "messaging.client.operation.duration",
              "messaging.client.sent.messages",
              "messaging.client.consumed.messages",
              "messaging.process.duration");
    }
  }

  @Test
  void aThousandSubscribersThatHaveClosedLeaveNoGauge() {
    SubscriberHealth health =
        new SubscriberHealth(
            SubscriberHealth.State.RUNNING,
            List.of(),
            Duration.ZERO,
            Duration.ofSeconds(1),
            true,
            Set.of(),
            Map.of(new TopicPartition("any", 3), 5L),
            Duration.ofMillis(1_500),
            java.util.Optional.empty(),
            0,
            0,
            0,
            0,
            new SubscriberHealth.Counts(0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0));
    try (Users users = new Users(kafka, 1)) {
      for (int i = 0; i < 1_000; i++) {
        Runnable hook =
            users.telemetry().subscriber().started("group", "client-" + i, () -> health);
        if (i == 0) {
          assertThat(users.metrics()).hasSize(12);
          assertThat(lags(users)).isEqualTo(1);
          assertThat(users.metric("hermes.subscriber.lag_age").orElseThrow().getDoubleGaugeData())
              .matches(data -> data.getPoints().iterator().next().getValue() == 1.5);
        }
        hook.run();
      }
      assertThat(users.metrics()).isEmpty();
    }
  }
}
