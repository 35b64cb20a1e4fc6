package io.hermes.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventRecord;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberListener;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;

/** The current span and the MDC where user code runs, and where it does not. */
@KafkaTest
@Timeout(120)
@SuppressWarnings("try") // a subscriber that only runs
class CurrentContextTest {

  /** Where something was looked at, the current span there, and the MDC. */
  private record Seen(String where, String spanId, Map<String, String> mdc) {}

  private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");

  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final Kafka kafka;

  CurrentContextTest(Kafka kafka) {
    this.kafka = kafka;
  }

  private void look(String where) {
    Map<String, String> mdc = MDC.getCopyOfContextMap();
    seen.add(
        new Seen(
            where,
            Span.current().getSpanContext().getSpanId(),
            mdc == null ? Map.of() : new TreeMap<>(mdc)));
  }

  private final class Looking implements SubscriberListener {

    private final CountDownLatch dead = new CountDownLatch(1);

    @Override
    public void retried(EventRecord<?> record, int failed, Throwable failure, Duration wait) {
      look("retried");
    }

    @Override
    public void deadLettered(EventRecord<?> record, Throwable failure) {
      look("dead-lettered");
      dead.countDown();
    }

    @Override
    public void committed(Map<TopicPartition, Long> offsets) {
      look("between");
    }
  }

  private static Map<String, String> mdc(Users users) {
    return Map.of(
        "hermes.topic", users.topic().name(), "hermes.partition", "0", "hermes.offset", "0");
  }

  private void assertSeen(String where, SpanData span, Map<String, String> mdc) {
    assertThat(seen).contains(new Seen(where, span.getSpanId(), mdc));
  }

  /** Of this offset: the attempt at what a stage publishes may end before that of the stage. */
  private static SpanData processOf(Users users, long offset) {
    return users.spans("process").stream()
        .filter(span -> Objects.equals(span.getAttributes().get(OFFSET), offset))
        .findFirst()
        .orElseThrow();
  }

  private void assertNothingBetween() {
    assertThat(seen.stream().filter(look -> look.where.equals("between")))
        .isNotEmpty()
        .allMatch(look -> look.equals(new Seen("between", "0000000000000000", Map.of())));
  }

  @Test
  void handlerAndListenerHaveTheSpanOfTheirAttemptAndThePosition() throws Exception {
    Looking listener = new Looking();
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (Users users = new Users(kafka, 1)) {
      users.publishInTraces(1);
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .executor(pool)
              .concurrency(1)
              .onError(ErrorPolicy.retry(2).backoff(Duration.ofMillis(1), Duration.ofMillis(1)))
              .listener(listener)
              .start(
                  delivery -> {
                    look("handler " + delivery.attempt());
                    throw new IllegalStateException("no account");
                  })) {
        listener.dead.await();
        subscriber.drain(Duration.ofSeconds(20));
      }
      pool.submit(() -> look("between")).get();
      List<SpanData> attempts = users.awaitSpans("process", 2);
      assertSeen("handler 1", attempts.get(0), mdc(users));
      assertSeen("retried", attempts.get(0), mdc(users));
      assertSeen("handler 2", attempts.get(1), mdc(users));
      assertSeen("dead-lettered", attempts.get(1), mdc(users));
      assertNothingBetween();
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void stagesHaveItOnOtherThreadsAndWhatTheyPublishIsOfTheSameTrace() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (Users users = new Users(kafka, 1);
        var publisher = users.publisher()) {
      Span caller = users.inSpan(() -> publisher.publish(Users.event(0)).join());
      try (HermesSubscriber subscriber =
          HermesSubscriber.builder()
              .settings(users.settings())
              .group(users.group())
              .keyInMdc()
              .observer(users.telemetry().subscriber())
              .onAsync(
                  users.topic(),
                  delivery ->
                      delivery.record().offset() > 0
                          ? CompletableFuture.completedFuture(null)
                          : CompletableFuture.supplyAsync(
                                  () -> {
                                    look("stage");
                                    return publisher.publish(Users.event(1)).join();
                                  },
                                  delivery.withContext(pool))
                              .thenRunAsync(() -> look("between"), pool))
              .start()) {
        users.awaitSpans("process", 2);
      }
      SpanData first = processOf(users, 0);
      Map<String, String> withKey = new TreeMap<>(mdc(users));
      withKey.put("hermes.key", Users.event(0).getUserId());
      assertSeen("stage", first, withKey);
      assertNothingBetween();
      SpanData second = users.awaitSpans("send", 2).get(1);
      assertThat(second.getParentSpanId()).isEqualTo(first.getSpanId());
      assertThat(processOf(users, 1).getTraceId()).isEqualTo(caller.getSpanContext().getTraceId());
    } finally {
      pool.shutdown();
    }
  }
}
