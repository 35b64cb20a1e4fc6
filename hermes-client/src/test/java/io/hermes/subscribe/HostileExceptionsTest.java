package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.events.v1.UserEvent;
import io.hermes.testing.Hostile;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever the methods of a handler's exception do, its record reaches its outcome. */
@KafkaTest
@Timeout(60)
@SuppressWarnings("try") // a subscriber that only runs
class HostileExceptionsTest {

  private static final ErrorPolicy TWICE =
      ErrorPolicy.retry(2).backoff(Duration.ofMillis(1), Duration.ofMillis(1));

  private final List<Exception> hostile = Hostile.all();
  private final Kafka kafka;

  HostileExceptionsTest(Kafka kafka) {
    this.kafka = kafka;
  }

  private enum Kind {
    SINGLE,
    ASYNC_THAT_FAILED_BEFORE,
    ASYNC_THAT_FAILS_LATER,
    BATCH,
    BATCH_THAT_NAMES_ITS_FAILURE
  }

  private Exception of(Delivery<UserEvent> delivery) {
    return hostile.get(Integer.parseInt(delivery.event().getEventId()));
  }

  private SubscriberBuilder<UserEvent> with(
      SubscriberBuilder<UserEvent> builder, Kind kind, Users users) {
    return switch (kind) {
      case SINGLE ->
          builder.on(
              users.topic(),
              delivery -> {
                throw of(delivery);
              });
      case ASYNC_THAT_FAILED_BEFORE ->
          builder.onAsync(users.topic(), delivery -> CompletableFuture.failedFuture(of(delivery)));
      case ASYNC_THAT_FAILS_LATER ->
          builder.onAsync(
              users.topic(),
              delivery -> {
                CompletableFuture<Void> stage = new CompletableFuture<>();
                LATER.execute(() -> stage.completeExceptionally(of(delivery)));
                return stage;
              });
      case BATCH ->
          builder.onBatch(
              users.topic(),
              1,
              deliveries -> {
                throw of(deliveries.get(0));
              });
      case BATCH_THAT_NAMES_ITS_FAILURE ->
          builder.onBatch(
              users.topic(),
              10,
              deliveries -> {
                throw BatchFailure.of(Map.of(0, of(deliveries.get(0))));
              });
    };
  }

  private static final Executor LATER =
      CompletableFuture.delayedExecutor(5, java.util.concurrent.TimeUnit.MILLISECONDS);

  @ParameterizedTest
  @EnumSource
  void eachRecordIsRetriedAndThenADeadLetter(Kind kind) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      for (int i = 0; i < hostile.size(); i++) {
        users.send("user-" + i, i).get();
      }
      SubscriberBuilder<UserEvent> builder =
          users.subscriber().onError(TWICE).listener(new HostileListener());
      try (HermesSubscriber subscriber = with(builder, kind, users).start()) {
        Await.until("all committed", () -> users.committedSum() == hostile.size());
        assertThat(subscriber.health().fault()).isNull();
      }
      assertThat(users.deadLetters())
          .hasSize(hostile.size())
          .allSatisfy(
              letter -> {
                int index = number(letter);
                assertThat(EventHeaders.text(letter.headers(), DeadLetterHeaders.EXCEPTION))
                    .isEqualTo(hostile.get(index).getClass().getName());
                assertThat(EventHeaders.text(letter.headers(), DeadLetterHeaders.ATTEMPTS))
                    .isEqualTo("2");
                assertThat(EventHeaders.text(letter.headers(), DeadLetterHeaders.MESSAGE))
                    .isNotNull()
                    .hasSizeLessThanOrEqualTo(1024);
              });
    }
  }

  private static int number(ConsumerRecord<byte[], byte[]> letter) {
    try {
      return Integer.parseInt(UserEvent.parseFrom(letter.value()).getEventId());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static final class HostileListener implements SubscriberListener {
    @Override
    public void retried(
        EventRecord<?> record, int failedAttempt, Throwable failure, Duration wait) {
      throw sneaky(failure);
    }

    @Override
    public void deadLettered(EventRecord<?> record, Throwable failure) {
      throw sneaky(failure);
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> RuntimeException sneaky(Throwable failure) throws T {
    throw (T) failure;
  }

  @Test
  void aPolicyThatSkipsAcksEach() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      for (int i = 0; i < hostile.size(); i++) {
        users.send("user-" + i, i).get();
      }
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .onError(ErrorPolicy.retry(1).thenSkip())
              .start(
                  delivery -> {
                    throw of(delivery);
                  })) {
        Await.until("all committed", () -> users.committedSum() == hostile.size());
        assertThat(subscriber.health().fault()).isNull();
      }
    }
  }

  @Tag("slow")
  @Test
  void aPolicyThatStopsEndsTheSubscriberWithItsOtherRecordsCommitted() throws Exception {
    for (Exception each : hostile) {
      try (Users users = new Users(kafka, 1)) {
        users.send("user-1", 0).get();
        users.send("user-1", 1).get();
        HermesSubscriber subscriber =
            users
                .subscriber()
                .onError(ErrorPolicy.retry(1).thenStop())
                .start(
                    delivery -> {
                      if (delivery.record().offset() == 1) {
                        throw each;
                      }
                    });
        assertThat(subscriber.completion())
            .failsWithin(Duration.ofSeconds(30))
            .withThrowableThat()
            .havingCause()
            .isInstanceOf(HermesException.class)
            .withMessageContaining("@1 failed");
        assertThat(users.committedSum()).isEqualTo(1);
      }
    }
  }
}
