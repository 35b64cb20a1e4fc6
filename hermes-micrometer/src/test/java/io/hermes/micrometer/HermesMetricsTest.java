package io.hermes.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Fault;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.micrometer.Logins.Scraped;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.PublisherHealth;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HandlerCall;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberBuilder;
import io.hermes.subscribe.SubscriberHealth;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a registry has of publishers, subscribers and Kafka's clients, by a Prometheus scrape. */
@KafkaTest
@Timeout(90)
class HermesMetricsTest {

  private static final ErrorPolicy TWICE =
      ErrorPolicy.retry(2).backoff(Duration.ofMillis(1), Duration.ofMillis(1));

  private static final String CONSUMED = "kafka_consumer_fetch_manager_records_consumed_total";

  private final Scraped scraped = Scraped.fresh();
  private final HermesMetrics metrics = HermesMetrics.of(scraped.registry());
  private final String group = "group-" + UUID.randomUUID();
  private final Kafka kafka;

  HermesMetricsTest(Kafka kafka) {
    this.kafka = kafka;
  }

  private KafkaSettings settings() {
    return KafkaSettings.builder()
        .bootstrapServers(kafka.bootstrapServers())
        .property("heartbeat.interval.ms", 300)
        .clients(metrics.clients())
        .build();
  }

  private SubscriberBuilder<UserEvent> subscriber(Topic<UserEvent> topic) {
    return HermesSubscriber.builder(topic)
        .settings(settings())
        .group(group)
        .onError(TWICE)
        .observer(metrics.subscriber());
  }

  private double count(String timer, String... tags) {
    return scraped.registry().find(timer).tags(tags).timers().stream()
        .mapToLong(Timer::count)
        .sum();
  }

  @Test
  void oneScrapeOfSingleAndBatchHandlersHasEveryMeterAndNoNaN() throws Exception {
    Topic<UserEvent> single = Logins.topic(kafka, 1);
    Topic<UserEvent> batch = Logins.topic(kafka, 2);
    AtomicInteger batches = new AtomicInteger();
    try (var publisher =
            HermesPublisher.builder(single)
                .settings(settings())
                .observer(metrics.publisher())
                .open();
        var one =
            subscriber(single)
                .start(
                    delivery -> {
                      if (delivery.record().offset() == 1) {
                        throw new IllegalStateException("told to");
                      }
                    });
        var other =
            HermesSubscriber.builder()
                .settings(settings())
                .group(group + "-batch")
                .observer(metrics.subscriber())
                .onBatch(batch, 10, deliveries -> batches.incrementAndGet())
                .start()) {
      for (int i = 0; i < 3; i++) {
        publisher.publishAndWait(Logins.event("user-" + i), Duration.ofSeconds(30));
      }
      assertThat(publisher.publish(Logins.event(""))).isCompletedExceptionally(); // has no key
      Logins.publish(kafka, batch, 4);
      Logins.await(
          "all is handled",
          () ->
              scraped.sum("hermes_subscriber_handled_records_total") == 7
                  && scraped.lines("hermes_subscriber_lag_records").size() == 3
                  && scraped.sum("hermes_subscriber_lag_records") == 0
                  && scraped.sum(CONSUMED) == 7); // Kafka counts a whole response, possibly later
      assertThat(one.health().isHealthy() && other.health().isHealthy()).isTrue();

      assertThat(scraped.refused()).isEmpty();
      assertThat(scraped.lines()).hasSizeGreaterThan(200).noneMatch(line -> line.endsWith("NaN"));
      String topic = single.name();
      assertThat(
              count("hermes.publish", "topic", topic, "outcome", "acknowledged", "error", "none"))
          .isEqualTo(3);
      assertThat(count("hermes.publish", "topic", topic, "outcome", "rejected")).isEqualTo(1);
      assertThat(count("hermes.handle", "topic", topic, "outcome", "acked", "group", group))
          .isEqualTo(2);
      assertThat(count("hermes.handle", "outcome", "retried", "error", "IllegalStateException"))
          .isEqualTo(1);
      assertThat(count("hermes.handle", "outcome", "dead_lettered")).isEqualTo(1);
      assertThat(count("hermes.handle", "topic", batch.name(), "outcome", "acked"))
          .isEqualTo(batches.get());
      assertThat(scraped.sum("hermes_subscriber_failed_records_total")).isEqualTo(2);
      assertThat(scraped.sum("hermes_subscriber_retried_records_total")).isEqualTo(1);
      assertThat(scraped.sum("hermes_subscriber_dead_lettered_records_total")).isEqualTo(1);
      assertThat(scraped.sum("hermes_subscriber_rebalances_total")).isEqualTo(2);
      assertThat(scraped.sum("hermes_subscriber_healthy")).isEqualTo(2);
      assertThat(scraped.sum("hermes_subscriber_assigned_partitions")).isEqualTo(3);
      assertThat(scraped.sum("hermes_publisher_healthy")).isEqualTo(1);
      assertThat(scraped.lines("hermes_publisher_faults"))
          .hasSize(Fault.Kind.values().length)
          .allMatch(zero -> zero.endsWith(" 0.0"));
      assertThat(scraped.sum("kafka_producer_record_send_total")).isGreaterThanOrEqualTo(3);
      assertThat(scraped.sum(CONSUMED)).isEqualTo(7);
    }
    assertThat(scraped.meters())
        .allMatch(meter -> meter.contains("hermes.publish'") || meter.contains("hermes.handle'"));
  }

  @Test
  void theGaugesOfAPartitionGoWithIt() throws Exception {
    Topic<UserEvent> topic = Logins.topic(kafka, 2);
    Logins.publish(kafka, topic, 20);
    try (var first = subscriber(topic).start(delivery -> {})) {
      Logins.await("both", () -> scraped.lines("hermes_subscriber_lag_records").size() == 2);
      assertThat(first.health().assigned()).hasSize(2);
      try (var second =
          HermesSubscriber.builder(topic)
              .settings(settings())
              .group(group)
              .start(delivery -> {})) { // nobody observes it
        Logins.await("one left", () -> scraped.lines("hermes_subscriber_lag_records").size() == 1);
        Logins.await(
            "one assigned", () -> scraped.sum("hermes_subscriber_assigned_partitions") == 1);
        Logins.await("the other has it", () -> second.health().assigned().size() == 1);
      }
      Logins.await("both again", () -> scraped.lines("hermes_subscriber_lag_records").size() == 2);
    }
    assertThat(scraped.lines("hermes_subscriber_")).isEmpty();
    assertThat(scraped.refused()).isEmpty();
  }

  @Test
  void oneObserverServesManyAndAThousandCyclesLeaveAsManyMetersAsBefore() throws Exception {
    var publishers = metrics.publisher();
    var subscribers = metrics.subscriber();
    for (int i = 0; i < 1_000; i++) {
      String client = "client-" + i;
      SubscriberHealth health =
          health(Set.of(new TopicPartition("t", 0)), Map.of(new TopicPartition("t", 0), 5L));
      Runnable published = publishers.opened(client, List.of(), HermesMetricsTest::publisherHealth);
      Runnable first = subscribers.started("g", client, () -> health);
      Runnable second = subscribers.started("h", client + "-b", () -> health);
      subscribers.measured(client, health);
      subscribers.measured(client + "-b", health);
      assertThat(scraped.registry().find("hermes.subscriber.lag").gauges()).hasSize(2);
      first.run();
      assertThat(scraped.registry().get("hermes.subscriber.lag").tag("group", "h").gauge().value())
          .isEqualTo(5);
      second.run();
      published.run();
      subscribers.measured(client, health); // the poll thread's last word
    }
    assertThat(scraped.meters()).isEmpty();

    Topic<UserEvent> topic = Logins.topic(kafka, 1);
    List<String> timers = List.of();
    for (int i = 0; i < 5; i++) {
      CompletableFuture<@Nullable Void> handled = new CompletableFuture<>();
      try (var publisher =
              HermesPublisher.builder(topic).settings(settings()).observer(publishers).open();
          var subscriber =
              HermesSubscriber.builder(topic)
                  .settings(settings())
                  .group(group)
                  .observer(subscribers)
                  .start(delivery -> handled.complete(null))) {
        publisher.publishAndWait(Logins.event("u"), Duration.ofSeconds(30));
        handled.get();
        assertThat(subscriber.completion()).isNotDone();
      }
      if (i == 0) {
        timers = scraped.meters();
      }
    }
    assertThat(timers).hasSize(2);
    assertThat(scraped.meters()).isEqualTo(timers);
  }

  @Test
  void aLagThatIsNotKnownForNowKeepsItsValueAndEveryGaugeOfAScrapeReadsOneSnapshot()
      throws Exception {
    TopicPartition partition = new TopicPartition("t", 0);
    AtomicInteger reads = new AtomicInteger();
    var observer = metrics.subscriber();
    Runnable closed =
        observer.started(
            "g",
            "client",
            () -> {
              reads.incrementAndGet();
              return health(Set.of(partition), Map.of());
            });
    observer.measured("client", health(Set.of(partition), Map.of(partition, 7L)));
    observer.measured("client", health(Set.of(partition), Map.of()));
    assertThat(scraped.sum("hermes_subscriber_lag_records")).isEqualTo(7);
    // A scrape that takes longer than a snapshot is good for reads another one.
    Logins.await(
        "a scrape reads one snapshot",
        () -> {
          reads.set(0);
          assertThat(scraped.lines("hermes_subscriber_")).hasSizeGreaterThan(30);
          return reads.get() == 1;
        });
    closed.run();
  }

  @Test
  void withoutTimersNothingIsTimedTwice() {
    assertThat(
            HermesMetrics.of(scraped.registry())
                .withoutTimers()
                .subscriber()
                .attempt(new HandlerCall("g", "c", List.of(), 1, false)))
        .isNull();
  }

  private static PublisherHealth publisherHealth() {
    return new PublisherHealth(
        PublisherHealth.State.OPEN, List.of(), Duration.ZERO, 0, 0, 0, Optional.empty());
  }

  private static SubscriberHealth health(
      Set<TopicPartition> assigned, Map<TopicPartition, Long> lag) {
    return new SubscriberHealth(
        SubscriberHealth.State.RUNNING,
        List.of(),
        Duration.ZERO,
        Duration.ZERO,
        true,
        assigned,
        lag,
        Duration.ZERO,
        Optional.empty(),
        0,
        0,
        0,
        0,
        new SubscriberHealth.Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void aSubscriberThatFailsStaysVisibleAsUnhealthyUntilItIsClosed() throws Exception {
    Topic<UserEvent> topic = Logins.topic(kafka, 1);
    Logins.publish(kafka, topic, 1);
    HermesSubscriber subscriber =
        subscriber(topic)
            .start(
                delivery -> {
                  throw new AssertionError("an Error stops the subscriber");
                });
    assertThat(subscriber.completion()).failsWithin(Duration.ofSeconds(30));
    assertThat(scraped.lines("hermes_subscriber_lag_records")).isEmpty(); // the next owner has it
    // The other gauges read a snapshot that may be from before the failure, for a moment.
    Logins.await(
        "it is shown as failed",
        () ->
            scraped.sum("hermes_subscriber_healthy") == 0
                && scraped.sum("hermes_subscriber_assigned_partitions") == 0);
    assertThat(scraped.lines("hermes_subscriber_healthy"))
        .singleElement()
        .asString()
        .contains("group=\"" + group + "\"");
    subscriber.close();
    assertThat(scraped.lines("hermes_subscriber_")).isEmpty();
  }
}
