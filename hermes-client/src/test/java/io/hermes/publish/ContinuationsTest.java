package io.hermes.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.hermes.HermesException;
import io.hermes.PublishRejectedException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Events;
import io.hermes.testing.Hostile;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What continuations on the acknowledgement thread may do without harm. */
@KafkaTest
@Timeout(60)
class ContinuationsTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Kafka kafka;
  private final Topic<UserEvent> topic;

  ContinuationsTest(Kafka kafka) {
    this.kafka = kafka;
    this.topic = Events.newTopic(kafka, 1);
  }

  private HermesPublisher.Builder<UserEvent> builder() {
    return HermesPublisher.builder(topic).settings(KafkaSettings.of(kafka.bootstrapServers()));
  }

  /** Publishes one event and runs this with its receipt on the acknowledgement thread. */
  private static CompletableFuture<Void> onAcknowledgement(
      HermesPublisher<UserEvent> publisher, Consumer<Receipt> continuation) throws Exception {
    CountDownLatch chained = new CountDownLatch(1);
    // Holds the acknowledgement thread until the next continuation is chained, never too late.
    var unused =
        publisher.publish(Events.login("first", 0)).thenRun(() -> awaitUninterruptibly(chained));
    CompletableFuture<Void> done =
        publisher.publish(Events.login("second", 0)).thenAccept(continuation);
    chained.countDown();
    return done;
  }

  /** The JDK makes an exception of a continuation's, and so calls its toString. */
  @Test
  void oneWhoseExceptionThrowsKeepsNoOtherFromRunningAndNoFlushFromEnding() throws Exception {
    try (var publisher = builder().open()) {
      for (Exception hostile : Hostile.all()) {
        AtomicInteger others = new AtomicInteger();
        var failed =
            onAcknowledgement(
                publisher,
                receipt -> {
                  throw new CompletionException("no account", hostile);
                });
        CountDownLatch chained = new CountDownLatch(1);
        var first =
            publisher
                .publish(Events.login("first", 0))
                .thenRun(() -> awaitUninterruptibly(chained));
        var receipt = publisher.publish(Events.login("second", 0));
        var unused = receipt.thenRun(others::incrementAndGet);
        unused = receipt.thenRun(() -> sneak(hostile));
        unused = receipt.thenRun(others::incrementAndGet);
        unused = receipt.thenRun(() -> sneak(hostile));
        unused = receipt.thenRun(others::incrementAndGet);
        chained.countDown();
        publisher.flush(TIMEOUT);
        assertThat(others).hasValue(3);
        assertThat(failed).isCompletedExceptionally();
        assertThat(first).isCompleted();
      }
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void sneak(Throwable failure) throws T {
    throw (T) failure;
  }

  @Test
  void oneThatBlocksDoesNotStallSending() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (var publisher = builder().open()) {
      var blocked = onAcknowledgement(publisher, receipt -> awaitUninterruptibly(release));
      for (int i = 0; i < 1_000; i++) {
        var unused = publisher.publish(Events.login("later", i));
      }
      awaitRecords(1_002);
      assertThat(blocked).isNotDone();
      release.countDown();
      blocked.get(30, SECONDS);
    }
  }

  @Test
  void oneThatBlocksMakesPublishWaitOnceTooManyAreQueued() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (var publisher =
        builder().maxInFlight(10, 1 << 20).maxWait(Duration.ofMillis(200)).open()) {
      var blocked = onAcknowledgement(publisher, receipt -> awaitUninterruptibly(release));
      List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        receipts.add(publisher.publish(Events.login("later", i)));
      }
      List<Throwable> rejected =
          receipts.stream()
              .filter(CompletableFuture::isCompletedExceptionally)
              .map(receipt -> catchThrowable(receipt::join).getCause())
              .toList();
      // What waits has its room, but for those that Kafka acknowledged with the one that blocks.
      assertThat(rejected).hasSizeBetween(20, 30);
      assertThat(rejected)
          .allSatisfy(
              e ->
                  assertThat(e)
                      .isInstanceOf(PublishRejectedException.class)
                      .hasMessageContaining("a continuation that does not return"));
      release.countDown();
      blocked.get(30, SECONDS);
      publisher.publishAndWait(Events.login("after", 0), TIMEOUT);
    }
  }

  @Test
  void oneThatBlocksDoesNotLetTheQueueFillTheMemory() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (var publisher = builder().maxInFlight(10, 1 << 20).open()) {
      var blocked = onAcknowledgement(publisher, receipt -> awaitUninterruptibly(release));
      List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        receipts.add(publisher.tryPublish(Events.login("later", i)));
        Thread.sleep(2); // what is accepted is acknowledged meanwhile
      }
      long accepted =
          receipts.stream().filter(receipt -> !receipt.isCompletedExceptionally()).count();
      assertThat(accepted).isBetween(10L, 20L);
      release.countDown();
      blocked.get(30, SECONDS);
    }
  }

  @Test
  void oneMayPublishAndIsNeverMadeToWait() throws Exception {
    CompletableFuture<Receipt> second = new CompletableFuture<>();
    AtomicInteger rejected = new AtomicInteger();
    try (var publisher = builder().maxInFlight(2, 1 << 20).maxWait(TIMEOUT).open()) {
      onAcknowledgement(
              publisher,
              receipt -> {
                var unused =
                    publisher.publish(Events.login("nested", 1)).thenAccept(second::complete);
                for (int i = 0; i < 200; i++) {
                  if (publisher.publish(Events.login("nested", 2)).isCompletedExceptionally()) {
                    rejected.incrementAndGet();
                  }
                }
              })
          .get(30, SECONDS);
      assertThat(second.get(30, SECONDS).topic()).isEqualTo(topic.name());
      assertThat(rejected.get()).isPositive();
    }
  }

  @Test
  void oneThatCouldOnlyHangFailsWithAnErrorThatSaysSo() throws Exception {
    try (var publisher = builder().open()) {
      List<Throwable> errors = new ArrayList<>();
      onAcknowledgement(
              publisher,
              receipt -> {
                var another = publisher.publish(Events.login("another", 1));
                errors.add(catchThrowable(another::join));
                errors.add(catchThrowable(another::get));
                errors.add(catchThrowable(() -> another.get(1, SECONDS)));
                errors.add(catchThrowable(() -> publisher.flush(TIMEOUT)));
                errors.add(
                    catchThrowable(
                        () -> publisher.publishAndWait(Events.login("yet", 1), TIMEOUT)));
              })
          .get(30, SECONDS);
      assertThat(errors).hasSize(5).allMatch(error -> error instanceof HermesException);
      assertThat(errors.get(0)).hasMessageContaining("waits for another receipt of the same");
      assertThat(errors.get(3)).hasMessageContaining("would deadlock");
    }
  }

  @Test
  void oneMayCloseThePublisher() throws Exception {
    HermesPublisher<UserEvent> publisher = builder().open();
    onAcknowledgement(publisher, receipt -> publisher.close()).get(30, SECONDS);
    assertThat(publisher.publish(Events.login("u", 1))).isCompletedExceptionally();
  }

  @Test
  void oneThatNeverReturnsLeavesNoFutureHangingAfterClose() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    HermesPublisher<UserEvent> publisher = builder().open();
    var unused = onAcknowledgement(publisher, receipt -> awaitUninterruptibly(release));
    CompletableFuture<Receipt> behind = publisher.publish(Events.login("behind", 1));
    publisher.close(Duration.ofSeconds(2));
    assertThat(behind).succeedsWithin(TIMEOUT);
    release.countDown();
  }

  @Test
  void cancellingChangesOnlyTheCallersView() {
    try (var publisher = builder().open()) {
      publisher.publish(Events.login("u", 1)).cancel(true);
    }
    assertThat(RawRecords.readAll(kafka, topic.name())).hasSize(1);
  }

  private void awaitRecords(int count) {
    while (RawRecords.readAll(kafka, topic.name()).size() < count) {
      Thread.onSpinWait();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
