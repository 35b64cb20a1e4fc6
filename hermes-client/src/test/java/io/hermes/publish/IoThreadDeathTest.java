package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.Fault;
import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.CapturedLog;
import io.hermes.testing.Events;
import io.hermes.testing.IoThreadAction;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Kafka's producer catches exceptions on its I/O thread, and no Error: one ends the thread, and
 * then the producer takes records and calls nothing back, not even when it is closed.
 */
@KafkaTest
@Timeout(60)
class IoThreadDeathTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  private final IoThreadAction ioThread = new IoThreadAction();

  @Test
  void whatTheProducerHadEndsAsUnknownAndTheNextEventsAreWritten(Kafka kafka) {
    Topic<UserEvent> topic = Events.newTopic(kafka, 3);
    try (CapturedLog log = new CapturedLog();
        var publisher = builder(kafka, topic).open()) {
      publisher.publishAndWait(Events.login("first", 0), SOON);
      CountDownLatch mayDie = new CountDownLatch(1);
      ioThread.set(
          () -> {
            ioThread.set(() -> {});
            awaitUninterruptibly(mayDie);
            throw new StackOverflowError("thrown by an interceptor");
          });
      List<CompletableFuture<Receipt>> futures = new ArrayList<>();
      CompletableFuture<BulkResult> bulk =
          publisher.publishAll(IntStream.range(0, 1_000).mapToObj(i -> Events.login("b" + i, i)));
      // One that the producer has before it dies; the others come while it does.
      futures.add(publisher.publish(Events.login("u", 0)));
      mayDie.countDown();
      IntStream.range(0, 1_000)
          .mapToObj(i -> publisher.publish(Events.login("u" + i, i)))
          .forEach(futures::add);
      futures.add(publisher.publishTombstone("u1"));
      publisher.flush(SOON);
      assertThat(futures).allMatch(CompletableFuture::isDone);
      assertUnknownOrAcknowledged(futures);
      BulkResult result = bulk.join();
      assertThat(result.taken()).isEqualTo(1_000);
      assertThat(result.acknowledged() + result.failures().size()).isEqualTo(1_000);
      assertThat(result.failures())
          .isNotEmpty()
          .allMatch(failure -> failure.exception() instanceof PublishUnknownException);
      assertThat(publisher.health().inFlightRecords()).isZero();
      assertThat(publisher.health().inFlightBytes()).isZero();
      publisher.publishAndWait(Events.login("last", 1), SOON);
      assertThat(publisher.health().faults()).isEmpty();
      assertThat(log.text()).contains("the I/O thread of Kafka's producer has ended");
    }
  }

  /** Nothing has shown which thread it is: the delivery timeout is the limit. */
  @Test
  @Tag("full") // waits for deliveryTimeout
  void oneThatDiesInItsFirstCallbackIsReplacedAfterTheDeliveryTimeout(Kafka kafka) {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    try (var publisher = quick(kafka, topic).open()) {
      ioThread.dieOnce();
      CompletableFuture<Receipt> future = publisher.publish(Events.login("u", 1));
      assertThat(future)
          .failsWithin(SOON)
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(PublishUnknownException.class)
          .withMessageContaining("Kafka's producer ended without reporting an outcome");
      Events.publishAtLast(publisher, Events.login("u", 2));
    }
  }

  @Test
  void closeEndsWhatADeadProducerHad(Kafka kafka) throws Exception {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    List<CompletableFuture<Receipt>> futures = new ArrayList<>();
    CompletableFuture<BulkResult> bulk;
    var publisher = builder(kafka, topic).open();
    CountDownLatch died = new CountDownLatch(1);
    try (publisher) {
      ioThread.set(
          () -> {
            died.countDown();
            throw new OutOfMemoryError("thrown by an interceptor");
          });
      futures.add(publisher.publish(Events.login("u", 1)));
      died.await();
      futures.add(publisher.publish(Events.login("u", 2)));
      futures.add(publisher.publishTombstone("u"));
      bulk = publisher.publishAll(List.of(Events.login("u", 3), Events.login("u", 4)));
      publisher.close(Duration.ofMillis(500));
    }
    futures.forEach(
        future ->
            assertThat(future)
                .failsWithin(SOON)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(PublishUnknownException.class));
    assertThat(bulk.get(20, TimeUnit.SECONDS).failures()).hasSize(2);
    assertThat(publisher.health().inFlightRecords()).isZero();
  }

  /** The old producer may still write, so there is no other one before it has ended. */
  @Test
  @Tag("full") // waits for deliveryTimeout
  void oneThatDoesNotReturnCostsItsEventsTheirOutcomeAndIsReplacedOnceItDoes(Kafka kafka)
      throws Exception {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    CountDownLatch mayReturn = new CountDownLatch(1);
    try (var publisher = quick(kafka, topic).open()) {
      ioThread.set(() -> awaitUninterruptibly(mayReturn));
      CompletableFuture<Receipt> future = publisher.publish(Events.login("u", 1));
      assertThat(future)
          .failsWithin(SOON)
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(PublishUnknownException.class);
      assertThatThrownBy(() -> publisher.publishAndWait(Events.login("u", 2), SOON))
          .isInstanceOf(PublishRejectedException.class);
      assertThat(publisher.health().faults())
          .anySatisfy(
              fault -> {
                assertThat(fault.kind()).isEqualTo(Fault.Kind.DELIVERY);
                assertThat(fault.problem()).contains("has not been replaced");
              });
      mayReturn.countDown();
      Events.publishAtLast(publisher, Events.login("u", 3));
      assertThat(publisher.health().inFlightRecords()).isZero();
    }
    assertThat(RawRecords.readAll(kafka, topic.name()))
        .extracting(record -> Events.number(UserEvent.parseFrom(record.value())))
        .isSorted()
        .contains(3)
        .doesNotContain(2);
  }

  private HermesPublisher.Builder<UserEvent> builder(Kafka kafka, Topic<UserEvent> topic) {
    return HermesPublisher.builder(topic)
        .settings(
            KafkaSettings.builder()
                .bootstrapServers(kafka.bootstrapServers())
                .property("request.timeout.ms", 500)
                .clients(ioThread)
                .build());
  }

  private HermesPublisher.Builder<UserEvent> quick(Kafka kafka, Topic<UserEvent> topic) {
    return builder(kafka, topic).deliveryTimeout(Duration.ofSeconds(1));
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertUnknownOrAcknowledged(List<CompletableFuture<Receipt>> futures) {
    int unknown = 0;
    for (CompletableFuture<Receipt> future : futures) {
      if (future.isCompletedExceptionally()) {
        PublishException why =
            (PublishException) future.handle((receipt, failure) -> failure).join();
        assertThat(why).isInstanceOf(PublishUnknownException.class);
        unknown++;
      }
    }
    assertThat(unknown).isPositive();
  }
}
