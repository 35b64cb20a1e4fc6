package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventRecord;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What observers of a subscriber see, and what they cannot do to it. */
@KafkaTest
@Timeout(60)
@SuppressWarnings("try") // a subscriber that only runs
class SubscriberObserverTest {

  private static final ErrorPolicy TWICE =
      ErrorPolicy.retry(2).backoff(Duration.ofMillis(1), Duration.ofMillis(1));

  private static final ThreadLocal<@Nullable String> CONTEXT = new ThreadLocal<>();

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final Map<String, HandlerOutcome> outcomes = new ConcurrentHashMap<>();
  private final Kafka kafka;

  SubscriberObserverTest(Kafka kafka) {
    this.kafka = kafka;
  }

  /** Its context is the position and the number of the attempt. */
  private class Tracing implements SubscriberObserver {

    @Override
    public Runnable started(String group, String clientId, Supplier<SubscriberHealth> health) {
      assertThat(health.get().state()).isEqualTo(SubscriberHealth.State.RUNNING);
      seen.add("started " + group);
      return () -> seen.add("closed");
    }

    @Override
    public Attempt attempt(HandlerCall call) {
      assertThat(call.clientId()).startsWith(call.group() + "-subscriber-");
      String id = call.records().get(0).offset() + "#" + call.attempt();
      return new Attempt() {
        @Override
        public Scope open() {
          String before = CONTEXT.get();
          CONTEXT.set(id);
          return () -> CONTEXT.set(before);
        }

        @Override
        public Scope sending() {
          seen.add("dead letter is sent in " + CONTEXT.get() + " of " + id);
          return () -> seen.add("dead letter of " + id + " is sent");
        }

        @Override
        public void ended(HandlerOutcome outcome) {
          assertThat(outcomes.put(id, outcome)).as("ended once").isNull();
        }
      };
    }

    @Override
    public void retried(EventRecord<?> record, int failed, Throwable failure, Duration wait) {
      seen.add("retried in " + CONTEXT.get());
    }

    @Override
    public void skipped(EventRecord<?> record, Throwable failure) {
      seen.add("skipped in " + CONTEXT.get());
    }

    @Override
    public void deadLettered(EventRecord<?> record, Throwable failure) {
      seen.add("dead-lettered in " + CONTEXT.get());
    }
  }

  private void handle(Delivery<UserEvent> delivery) {
    seen.add("handled in " + CONTEXT.get());
    if (delivery.record().offset() == 1) {
      throw new IllegalStateException("told to");
    }
  }

  @Test
  void theContextIsOpenInHandlerAndListenerAndEachAttemptHasItsOutcome() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.sendAll(1, 3);
      try (HermesSubscriber subscriber =
          users.subscriber().onError(TWICE).observer(new Tracing()).start(this::handle)) {
        Await.until("all committed", () -> users.committedSum() == 3);
        SubscriberHealth.Counts counts = subscriber.health().counts();
        assertThat(counts).isEqualTo(new SubscriberHealth.Counts(3, 0, 2, 1, 1, 0, 0, 1, 0, 0, 0));
      }
      // The broker may acknowledge the dead letter before the thread that sends it goes on.
      String sent = "dead letter of 1#2 is sent";
      Await.until("sent", () -> seen.contains(sent));
      assertThat(seen).containsSubsequence("dead letter is sent in null of 1#2", sent);
      assertThat(seen)
          .filteredOn(what -> !what.equals(sent))
          .containsExactly(
              "started " + users.group(),
              "handled in 0#1",
              "handled in 1#1",
              "retried in 1#1",
              "handled in 1#2",
              "dead letter is sent in null of 1#2",
              "dead-lettered in 1#2",
              "handled in 2#1",
              "closed");
    }
    assertThat(outcomes).containsOnlyKeys("0#1", "1#1", "1#2", "2#1");
    assertThat(outcome("0#1").isSuccess()).isTrue();
    assertThat(decision("1#1")).contains(Decision.RETRY);
    assertThat(decision("1#2")).contains(Decision.DEAD_LETTER);
    assertThat(outcome("1#1").failed().get(0).failure()).hasMessage("told to");
  }

  private HandlerOutcome outcome(String attempt) {
    return Objects.requireNonNull(outcomes.get(attempt));
  }

  private Optional<Decision> decision(String attempt) {
    return outcome(attempt).failed().get(0).decision();
  }

  @Test
  void stagesCarryTheContextToOtherThreadsAndLeaveNoneThere() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (Users users = new Users(kafka, 1)) {
      users.sendAll(1, 2);
      try (HermesSubscriber subscriber =
          HermesSubscriber.builder()
              .settings(users.settings())
              .group(users.group())
              .onError(ErrorPolicy.retry(1).thenSkip())
              .observer(new Tracing())
              .onAsync(
                  users.topic(),
                  delivery ->
                      CompletableFuture.supplyAsync(
                              () -> seen.add("stage in " + CONTEXT.get()),
                              delivery.withContext(pool))
                          .thenApplyAsync(
                              done -> {
                                seen.add("between " + CONTEXT.get());
                                throw new IllegalStateException("told to");
                              },
                              pool))
              .start()) {
        Await.until("all committed", () -> users.committedSum() == 2);
        assertThat(subscriber.health().counts().skipped()).isEqualTo(2);
      }
    } finally {
      pool.shutdown();
    }
    assertThat(seen)
        .contains("stage in 0#1", "skipped in 0#1", "stage in 1#1", "skipped in 1#1")
        .contains("between null");
    assertThat(decision("1#1")).contains(Decision.SKIP);
  }

  @Test
  void ofABatchEachFailureHasItsDecisionAndAnUndecodableRecordIsAnAttemptOfItsOwn()
      throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.sendAll(1, 4);
      users.send(users.record("user-0", new byte[] {-1})).get();
      try (HermesSubscriber subscriber =
          HermesSubscriber.builder()
              .settings(users.settings())
              .group(users.group())
              .order(ProcessingOrder.UNORDERED)
              .onError(ErrorPolicy.retry(1))
              .observer(new Tracing())
              .onBatch(
                  users.topic(),
                  10,
                  deliveries -> {
                    if (deliveries.size() > 2) {
                      throw BatchFailure.of(
                          Map.of(0, new IllegalStateException("a"), 2, new Exception("b")));
                    }
                  })
              .start()) {
        Await.until("all committed", () -> users.committedSum() == 5);
      }
    }
    assertThat(outcome("0#1").failed())
        .extracting(failed -> failed.record().offset() + " " + failed.failure().getMessage())
        .containsExactly("0 a", "2 b");
    assertThat(outcome("0#1").failed())
        .allMatch(failed -> failed.decision().equals(Optional.of(Decision.DEAD_LETTER)));
    assertThat(outcome("4#1").failed()).hasSize(1);
    assertThat(outcomes).containsOnlyKeys("0#1", "4#1");
  }

  @Test
  void ofABatchWhoseFailuresAreSkippedTheOutcomeHasThemAll() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.sendAll(1, 3);
      try (HermesSubscriber subscriber =
          HermesSubscriber.builder()
              .settings(users.settings())
              .group(users.group())
              .order(ProcessingOrder.UNORDERED)
              .onError(ErrorPolicy.retry(1).thenSkip())
              .observer(new Tracing())
              .onBatch(
                  users.topic(),
                  10,
                  deliveries -> {
                    throw BatchFailure.of(Map.of(0, new Exception("a"), 2, new Exception("b")));
                  })
              .start()) {
        Await.until("all committed", () -> users.committedSum() == 3);
      }
    }
    assertThat(outcome("0#1").failed())
        .extracting(failed -> failed.record().offset() + " " + failed.decision().orElse(null))
        .containsExactly("0 SKIP", "2 SKIP");
  }

  @Test
  void whatAnObserverThrowsReachesNoEventAndIsCounted() throws Exception {
    SubscriberObserver hostile =
        new SubscriberObserver() {
          @Override
          public Runnable started(
              String group, String clientId, Supplier<SubscriberHealth> health) {
            throw new AssertionError("started");
          }

          @Override
          public @Nullable Attempt attempt(HandlerCall call) {
            if (call.records().get(0).offset() == 0) {
              throw new StackOverflowError();
            }
            return new Attempt() {
              @Override
              public Scope open() {
                return () -> {
                  throw new IllegalStateException("close");
                };
              }

              @Override
              public void ended(HandlerOutcome outcome) {
                throw new IllegalStateException("ended");
              }
            };
          }
        };
    try (Users users = new Users(kafka, 1)) {
      users.sendAll(1, 3);
      try (HermesSubscriber subscriber =
          users.subscriber().observer(hostile).observer(new Tracing()).start(d -> {})) {
        Await.until("all committed", () -> users.committedSum() == 3);
        assertThat(subscriber.health().counts().observerFailures()).isEqualTo(1 + 1 + 2 * 2);
        assertThat(subscriber.health().isHealthy()).isTrue();
      }
    }
    assertThat(outcomes).hasSize(3);
  }

  @Test
  void newFiguresOfPartitionsAreReportedWithTheClientTheyAreOf() throws Exception {
    Map<String, SubscriberHealth> measured = new ConcurrentHashMap<>();
    List<String> clients = new CopyOnWriteArrayList<>();
    SubscriberObserver observer =
        new SubscriberObserver() {
          @Override
          public Runnable started(
              String group, String clientId, Supplier<SubscriberHealth> health) {
            clients.add(clientId);
            return () -> {};
          }

          @Override
          public void measured(String clientId, SubscriberHealth health) {
            measured.put(clientId, health);
          }
        };
    try (Users users = new Users(kafka, 2);
        HermesSubscriber one = users.subscriber().observer(observer).start(d -> {});
        HermesSubscriber other = users.subscriber().observer(observer).start(d -> {})) {
      Await.until(
          "each has one partition and knows its lag",
          () ->
              measured.size() == 2
                  && measured.values().stream()
                      .allMatch(h -> h.assigned().size() == 1 && h.lag().size() == 1));
      assertThat(measured).containsOnlyKeys(clients);
      assertThat(clients.stream().map(measured::get).map(h -> Objects.requireNonNull(h).assigned()))
          .containsExactly(one.health().assigned(), other.health().assigned());
      assertThat(one.health().counts().rebalances() + other.health().counts().rebalances())
          .isBetween(2L, 4L);
    }
  }

  @Test
  void anAttemptThatARevokeInterruptsHasNoDecisionAndItsRecordIsRedelivered() throws Exception {
    CompletableFuture<@Nullable Void> inside = new CompletableFuture<>();
    try (Users users = new Users(kafka, 1)) {
      users.sendAll(1, 2);
      HermesSubscriber subscriber =
          users
              .subscriber()
              .observer(new Tracing())
              .start(
                  delivery -> {
                    inside.complete(null);
                    Thread.sleep(60_000);
                  });
      inside.get();
      subscriber.close(Duration.ofMillis(500));
      Await.until("given up", () -> subscriber.health().counts().redelivered() == 2);
      assertThat(subscriber.health().counts().failed()).isZero();
    }
    Await.until("the interrupted attempt has ended", () -> outcomes.containsKey("0#1"));
    assertThat(decision("0#1")).isEmpty();
  }

  @Test
  void aRevokeInterruptsAnAttemptWhoseObserverIsSlowToBegin() throws Exception {
    CompletableFuture<@Nullable Void> inside = new CompletableFuture<>();
    CompletableFuture<@Nullable Void> revoked = new CompletableFuture<>();
    CompletableFuture<@Nullable Void> interrupted = new CompletableFuture<>();
    SubscriberObserver slow =
        new SubscriberObserver() {
          @Override
          public @Nullable Attempt attempt(HandlerCall call) {
            inside.complete(null);
            while (!revoked.isDone()) {
              Thread.onSpinWait(); // keeps the interrupt
            }
            return null;
          }
        };
    try (Users users = new Users(kafka, 1)) {
      users.sendAll(1, 1);
      HermesSubscriber subscriber =
          users
              .subscriber()
              .observer(slow)
              .start(
                  delivery -> {
                    try {
                      Thread.sleep(60_000);
                    } catch (InterruptedException e) {
                      interrupted.complete(null);
                      throw e;
                    }
                  });
      inside.get();
      assertThat(subscriber.close(Duration.ofMillis(500))).isFalse();
      revoked.complete(null);
      assertThat(interrupted).succeedsWithin(Duration.ofSeconds(10));
    }
  }
}
