package io.hermes.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.TransactionAbortedException;
import io.hermes.TransactionException;
import io.hermes.TransactionUnknownException;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Events;
import io.hermes.testing.InterceptedProducers;
import io.hermes.testkit.Broker;
import io.hermes.testkit.KafkaCluster;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Callback;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** Transactions while brokers are killed or paused, and while this process is too slow. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
class TransactionFaultsTest {

  private final KafkaCluster kafka =
      KafkaCluster.builder()
          .property("transaction.abort.timed.out.transaction.cleanup.interval.ms", "200")
          .start();
  private final Broker broker = kafka.broker(1);

  @AfterAll
  void close() {
    kafka.close();
  }

  /** Does something once, before the next commit. */
  private static InterceptedProducers beforeCommit(AtomicReference<Runnable> action) {
    return new InterceptedProducers(
        (method, arguments, proceed) -> {
          if (method.equals("commitTransaction")) {
            action.getAndSet(() -> {}).run();
          }
          return proceed.call();
        });
  }

  @Tag("slow")
  @Test
  void aBrokerKilledBeforeTheCommitDelaysIt() throws Exception {
    TransactionTopics topics = TransactionTopics.create(kafka);
    AtomicReference<Runnable> action = new AtomicReference<>(() -> {});
    try (TransactionalPublisher publisher =
        topics.builder(beforeCommit(action)).timeout(Duration.ofSeconds(40)).open()) {
      TransactionTopics.both(publisher, 1);
      Thread starting = new Thread(broker::start);
      action.set(
          () -> {
            broker.kill();
            starting.start();
          });
      TransactionTopics.both(publisher, 2);
      starting.join();
      TransactionTopics.both(publisher, 3);
    }
    assertThat(topics.committedUsers()).containsExactly(1, 2, 3);
    assertThat(topics.committedPayments()).containsExactly(1, 2, 3);
  }

  /** Its events were never acknowledged, so the commit was never sent. */
  @Tag("slow")
  @Test
  void aBrokerThatDoesNotAnswerWritesNothing() {
    TransactionTopics topics = TransactionTopics.create(kafka);
    try (TransactionalPublisher publisher =
        topics.builder().timeout(Duration.ofSeconds(4)).open()) {
      again(publisher, 1);
      broker.pause();
      try {
        long startNs = System.nanoTime();
        assertThatThrownBy(() -> TransactionTopics.both(publisher, 2))
            .isInstanceOf(TransactionAbortedException.class)
            .matches(e -> ((TransactionException) e).isRetryable());
        assertThat(System.nanoTime() - startNs).isLessThan(SECONDS.toNanos(5));
      } finally {
        broker.resume();
      }
      again(publisher, 3);
    }
    assertThat(topics.committedUsers()).containsExactly(1, 3);
    assertThat(topics.committedPayments()).containsExactly(1, 3);
  }

  @Test
  void aCommitWithoutAnAnswerIsUnknownAndThePublisherGoesOn() {
    TransactionTopics topics = TransactionTopics.create(kafka);
    AtomicBoolean pauses = new AtomicBoolean();
    CountDownLatch acknowledged = new CountDownLatch(2);
    InterceptedProducers clients =
        new InterceptedProducers(
            (method, arguments, proceed) -> {
              if (pauses.get() && method.equals("send")) {
                Callback callback = (Callback) arguments[1];
                arguments[1] =
                    (Callback)
                        (written, thrown) -> {
                          callback.onCompletion(written, thrown);
                          acknowledged.countDown();
                        };
              }
              if (method.equals("commitTransaction") && pauses.getAndSet(false)) {
                await(acknowledged);
                broker.pause();
              }
              return proceed.call();
            });
    try (TransactionalPublisher publisher =
        topics.builder(clients).timeout(Duration.ofSeconds(4)).open()) {
      again(publisher, 1);
      pauses.set(true);
      try {
        assertThatThrownBy(() -> TransactionTopics.both(publisher, 2))
            .isInstanceOf(TransactionUnknownException.class)
            .hasMessageContaining("may or may not have been committed")
            .hasMessageContaining("idempotent");
      } finally {
        broker.resume();
      }
      again(publisher, 3);
    }
    List<Integer> users = topics.committedUsers();
    assertThat(users).startsWith(1).endsWith(3).doesNotHaveDuplicates();
    assertThat(topics.committedPayments()).isEqualTo(users); // all or none of the second
  }

  /**
   * As a long pause of this process, such as one for garbage, between the events and the commit.
   */
  @Test
  void aProcessThatIsSlowerThanTheCoordinatorAllowsIsFencedAndGoesOn() throws Exception {
    TransactionTopics topics = TransactionTopics.create(kafka);
    AtomicReference<Runnable> action = new AtomicReference<>(() -> {});
    CountDownLatch aborted = new CountDownLatch(1);
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("transaction.timeout.ms", 4_000)
            .clients(beforeCommit(action))
            .build();
    try (TransactionalPublisher publisher =
            topics.builder().settings(settings).timeout(Duration.ofSeconds(4)).open();
        HermesPublisher<UserEvent> other =
            HermesPublisher.builder(topics.users())
                .settings(KafkaSettings.of(kafka.bootstrapServers()))
                .open()) {
      again(publisher, 1);
      action.set(() -> await(aborted));
      assertThatThrownBy(() -> TransactionTopics.both(publisher, 2))
          .isInstanceOf(TransactionUnknownException.class)
          .hasMessageContaining("no outcome within 4 s");
      // The coordinator aborts it, so readers go on.
      other.publishAndWait(Events.login("user-2", 2), Duration.ofSeconds(20));
      long deadlineNs = System.nanoTime() + SECONDS.toNanos(30);
      while (!topics.visibleUsers().equals(List.of(1, 2))) {
        assertThat(System.nanoTime()).isLessThan(deadlineNs);
      }
      aborted.countDown();
      again(publisher, 3);
    }
    assertThat(topics.committedUsers()).containsExactly(1, 2, 3);
    assertThat(topics.committedPayments()).containsExactly(1, 3);
  }

  @Test
  void aCloseInTheMiddleEndsTheCallersInTime() throws Exception {
    TransactionTopics topics = TransactionTopics.create(kafka);
    AtomicReference<Runnable> action = new AtomicReference<>(() -> {});
    CountDownLatch committing = new CountDownLatch(1);
    CountDownLatch stuck = new CountDownLatch(1);
    TransactionalPublisher publisher = topics.builder(beforeCommit(action)).open();
    action.set(
        () -> {
          committing.countDown();
          await(stuck);
        });
    CompletableFuture<Throwable> first = failing(publisher, 1);
    await(committing);
    CompletableFuture<Throwable> second = failing(publisher, 2);
    long startNs = System.nanoTime();
    publisher.close(Duration.ofMillis(500));
    assertThat(System.nanoTime() - startNs).isLessThan(SECONDS.toNanos(4));
    assertThat(first.get(1, SECONDS)).isInstanceOf(TransactionUnknownException.class);
    assertThat(second.get(1, SECONDS))
        .isInstanceOf(TransactionAbortedException.class)
        .hasMessageContaining("The publisher is closed.");
    stuck.countDown();
    assertThat(topics.visibleUsers()).isEqualTo(topics.visiblePayments());
  }

  private static CompletableFuture<Throwable> failing(
      TransactionalPublisher publisher, int number) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            TransactionTopics.both(publisher, number);
            return new AssertionError("committed");
          } catch (TransactionException e) {
            return e;
          }
        });
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Until the cluster works, in the time that a transaction has on this machine. */
  private static void again(TransactionalPublisher publisher, int number) {
    long deadlineNs = System.nanoTime() + SECONDS.toNanos(40);
    while (true) {
      try {
        TransactionTopics.both(publisher, number);
        return;
      } catch (TransactionAbortedException e) {
        assertThat(e.isRetryable()).isTrue();
        assertThat(System.nanoTime()).isLessThan(deadlineNs);
      }
    }
  }
}
