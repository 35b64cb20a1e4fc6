package io.hermes.micrometer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.micrometer.Logins.Scraped;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HandlerCall;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.ProcessingOrder;
import io.hermes.subscribe.SubscriberBuilder;
import io.hermes.subscribe.SubscriberListener;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.transport.SenderContext;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Observations by a registry that checks how it is used. */
@KafkaTest
@Timeout(60)
class HermesObservationsTest {

  private static final ErrorPolicy TWICE =
      ErrorPolicy.retry(2).backoff(Duration.ofMillis(1), Duration.ofMillis(1));

  private final Scraped scraped = Scraped.fresh();
  private final TestObservationRegistry registry = TestObservationRegistry.create();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final List<String> states = new CopyOnWriteArrayList<>();
  private final Kafka kafka;
  private final Topic<UserEvent> topic;

  HermesObservationsTest(Kafka kafka) {
    this.kafka = kafka;
    this.topic = Logins.topic(kafka, 1);
    registry
        .observationConfig()
        .observationHandler(new DefaultMeterObservationHandler(scraped.registry()))
        .observationHandler(new Tracing());
  }

  /** What a tracer does: a header when an event is sent, its parent when it is received. */
  private final class Tracing implements ObservationHandler<Observation.Context> {

    @Override
    public boolean supportsContext(Observation.Context context) {
      return true;
    }

    @Override
    public void onStart(Observation.Context context) {
      if (context instanceof SenderContext<?> sent) {
        send(sent);
      } else if (context instanceof HandleContext handled) {
        seen.add("parent " + handled.getGetter().get(handled.call(), "traceparent"));
        states.add(String.valueOf(handled.getGetter().get(handled.call(), "tracestate")));
      }
    }
  }

  private static <C> void send(SenderContext<C> sent) {
    sent.getSetter().set(sent.getCarrier(), "traceparent", "of the tracer");
    sent.getSetter().set(sent.getCarrier(), "tracestate", "of the tracer");
  }

  private KafkaSettings settings() {
    return KafkaSettings.of(kafka.bootstrapServers());
  }

  private SubscriberBuilder<UserEvent> subscriber(HermesObservations observations) {
    return HermesSubscriber.builder(topic)
        .settings(settings())
        .group("group-" + UUID.randomUUID())
        .onError(TWICE)
        .observer(observations.subscriber());
  }

  private String current() {
    Observation now = registry.getCurrentObservation();
    if (now == null) {
      return "none";
    }
    Observation.ContextView context = now.getContextView();
    return context.getName()
        + " "
        + Objects.requireNonNull(context.getLowCardinalityKeyValue("topic")).getValue()
        + " #"
        + Objects.requireNonNull(context.getHighCardinalityKeyValue("attempt")).getValue();
  }

  private void publish(HermesObservations observations, int events) {
    try (var publisher =
        HermesPublisher.builder(topic)
            .settings(settings())
            .observer(observations.publisher())
            .open()) {
      for (int i = 0; i < events; i++) {
        publisher.publishAndWait(Logins.event("u"), Duration.ofSeconds(30));
      }
    }
  }

  private List<Timer> timers(String name, String... tags) {
    return List.copyOf(scraped.registry().find(name).tags(tags).timers());
  }

  @Test
  void aHandlerRunsInItsObservationAndTheTraceTravelsInAHeader() throws Exception {
    HermesObservations observations = HermesObservations.of(registry);
    publish(observations, 1);
    try (var subscriber =
        subscriber(observations)
            .listener(
                new SubscriberListener() {
                  @Override
                  public void retried(
                      EventRecord<?> record, int attempt, Throwable failure, Duration wait) {
                    seen.add("retried in " + current());
                  }

                  @Override
                  public void deadLettered(EventRecord<?> record, Throwable failure) {
                    seen.add("dead-lettered in " + current());
                  }
                })
            .start(
                delivery -> {
                  seen.add("handled in " + current());
                  throw new IllegalStateException("told to");
                })) {
      Logins.await("dead letter", () -> subscriber.health().counts().deadLettered() == 1);
      Logins.await("handled", () -> subscriber.health().counts().handled() == 1);
      assertThat(subscriber.health().counts().observerFailures()).isZero();
    }
    String process = "hermes.handle " + topic.name();
    assertThat(seen)
        .containsExactly(
            "parent of the tracer",
            "handled in " + process + " #1",
            "retried in " + process + " #1",
            "parent of the tracer",
            "handled in " + process + " #2",
            "dead-lettered in none");
    assertThat(
            timers(
                "hermes.publish",
                "outcome",
                "acknowledged",
                "error",
                "none",
                "topic",
                topic.name()))
        .hasSize(1);
    assertThat(timers("hermes.handle", "outcome", "retried", "error", "IllegalStateException"))
        .hasSize(1);
    assertThat(timers("hermes.handle", "outcome", "dead_lettered")).hasSize(1);
    assertThat(scraped.refused()).isEmpty();
  }

  /** As {@link HermesMetrics} names them, so that a dashboard reads either. */
  @Test
  void theTimersHaveTheTagsOfThoseThatMetricsCount() throws Exception {
    publish(HermesObservations.of(registry), 1);
    List<?> observed = timers("hermes.publish").get(0).getId().getTags();
    Scraped other = Scraped.fresh();
    try (var publisher =
        HermesPublisher.builder(topic)
            .settings(settings())
            .observer(HermesMetrics.of(other.registry()).publisher())
            .open()) {
      publisher.publishAndWait(Logins.event("u"), Duration.ofSeconds(30));
    }
    assertThat(other.registry().get("hermes.publish").timer().getId().getTags())
        .isEqualTo(observed);
  }

  @Test
  void stagesOfAnAsynchronousHandlerRunInItAndABatchHasNoParent() throws Exception {
    HermesObservations observations = HermesObservations.of(registry);
    publish(observations, 3);
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (var subscriber =
        HermesSubscriber.builder()
            .settings(settings())
            .group("group-" + UUID.randomUUID())
            .observer(observations.subscriber())
            .onAsync(
                topic,
                delivery ->
                    CompletableFuture.runAsync(
                        () -> seen.add("stage in " + current()), delivery.withContext(pool)))
            .start()) {
      Logins.await("handled", () -> subscriber.health().counts().handled() == 3);
      assertThat(subscriber.health().counts().observerFailures()).isZero();
    } finally {
      pool.shutdown();
    }
    assertThat(seen)
        .filteredOn(("stage in hermes.handle " + topic.name() + " #1")::equals)
        .hasSize(3);
    seen.clear();
    try (var subscriber =
        HermesSubscriber.builder()
            .settings(settings())
            .group("group-" + UUID.randomUUID())
            .order(ProcessingOrder.UNORDERED)
            .observer(observations.subscriber())
            .onBatch(topic, 10, deliveries -> seen.add("batch in " + current()))
            .start()) {
      Logins.await("handled", () -> subscriber.health().counts().handled() == 3);
    }
    assertThat(seen).contains("parent null", "batch in hermes.handle " + topic.name() + " #1");
    assertThat(seen).doesNotContain("parent of the tracer");
  }

  @Test
  void aConventionOfTheUserNamesThemAndAHeaderOfTheCallerStays() throws Exception {
    HermesObservations observations =
        HermesObservations.of(registry)
            .convention(
                new PublishConvention() {
                  @Override
                  public String getName() {
                    return "acme.publish";
                  }
                })
            .convention(
                new HandleConvention() {
                  @Override
                  public KeyValues getLowCardinalityKeyValues(HandleContext context) {
                    return HandleConvention.super
                        .getLowCardinalityKeyValues(context)
                        .and("team", "billing");
                  }
                });
    try (var publisher =
        HermesPublisher.builder(topic)
            .settings(settings())
            .observer(observations.publisher())
            .open()) {
      publisher
          .publish(
              Logins.event("u"),
              List.of(new RecordHeader("traceparent", "of the caller".getBytes(UTF_8))))
          .join();
    }
    try (var subscriber = subscriber(observations).start(delivery -> {})) {
      Logins.await("handled", () -> subscriber.health().counts().handled() == 1);
    }
    assertThat(seen).containsExactly("parent of the caller");
    assertThat(states).containsExactly("null"); // none of another trace
    assertThat(timers("acme.publish")).hasSize(1);
    assertThat(timers("hermes.publish")).isEmpty();
    assertThat(timers("hermes.handle", "team", "billing")).hasSize(1);
  }

  @Test
  void aRegistryWithoutHandlersCostsNothing() {
    assertThat(
            HermesObservations.of(ObservationRegistry.create())
                .subscriber()
                .attempt(new HandlerCall("g", "c", List.of(), 1, false)))
        .isNull();
  }

  @Test
  void theInsertionIntoAnOutboxHasTheHeadersOfTheTraceAndReturnsItsShards() {
    HermesObservations observations = HermesObservations.of(registry);
    Set<Integer> shards =
        observations.outbox(
            headers -> {
              headers.forEach(
                  header -> seen.add(header.key() + " " + new String(header.value(), UTF_8)));
              return Set.of(3);
            });
    assertThat(shards).containsExactly(3);
    assertThat(seen).containsExactly("traceparent of the tracer", "tracestate of the tracer");
    assertThatThrownBy(
            () ->
                observations.outbox(
                    headers -> {
                      throw new IllegalStateException("no such table");
                    }))
        .hasMessage("no such table");
    assertThat(timers("hermes.outbox.publish", "error", "none")).hasSize(1);
    assertThat(timers("hermes.outbox.publish", "error", "IllegalStateException")).hasSize(1);
  }
}
