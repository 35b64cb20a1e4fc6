package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.TransactionAbortedException;
import io.hermes.TransactionException;
import io.hermes.TransactionUnknownException;
import io.hermes.kafka.KafkasExceptions;
import io.hermes.testing.InterceptedProducers;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every exception of Kafka in every step of a transaction, around a real producer: the outcome is
 * typed, comes in time and is true, and the publisher goes on.
 */
@KafkaTest
@Timeout(600)
class TransactionInjectionTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(4);

  private final Kafka kafka;

  TransactionInjectionTest(Kafka kafka) {
    this.kafka = kafka;
  }

  /** Where the exception strikes. */
  enum Place {
    BEGIN("beginTransaction", false),
    SEND("send", false),
    CALLBACK("send", false),
    BEFORE_COMMIT("commitTransaction", false),
    AFTER_COMMIT("commitTransaction", true);

    private final String method;
    private final boolean after;

    Place(String method, boolean after) {
      this.method = method;
      this.after = after;
    }
  }

  /** Throws once, in one place. */
  private static final class Injection implements InterceptedProducers.Around {

    private final AtomicReference<@Nullable Throwable> next = new AtomicReference<>();
    private volatile Place place = Place.BEGIN;

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // Hermes looks at the callback, too
    public @Nullable Object call(
        String method, @Nullable Object[] arguments, Callable<Object> proceed) throws Exception {
      Throwable injected = method.equals(place.method) ? next.getAndSet(null) : null;
      if (injected == null) {
        return proceed.call();
      }
      if (place == Place.CALLBACK && arguments[1] instanceof Callback callback) {
        callback.onCompletion(null, (Exception) injected); // as Kafka does inside send
        return CompletableFuture.failedFuture(injected);
      }
      if (place.after) {
        proceed.call();
      }
      if (injected instanceof Error error) {
        throw error;
      }
      throw (Exception) injected;
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void theKindsOfFailures(Place place) throws Exception {
    strike(
        place,
        List.of(
            new TimeoutException("late"),
            new ProducerFencedException("old"),
            new TransactionAbortableException("retry"),
            new TopicAuthorizationException("denied"),
            new IllegalStateException("closed")));
  }

  @Tag("full")
  @ParameterizedTest
  @EnumSource(Place.class)
  void everyExceptionOfKafka(Place place) throws Exception {
    List<Throwable> all = new ArrayList<>(KafkasExceptions.all());
    all.add(new KafkaException("plain"));
    all.add(new KafkaException("error state", new ProducerFencedException("old")));
    all.add(new NullPointerException());
    if (place != Place.CALLBACK) {
      all.add(new OutOfMemoryError("injected"));
      all.add(new NoClassDefFoundError("injected"));
    }
    strike(place, all);
  }

  private void strike(Place place, List<Throwable> failures) throws Exception {
    Thread.interrupted(); // InterruptException sets the flag when it is made
    TransactionTopics topics = TransactionTopics.create(kafka);
    Injection injection = new Injection();
    List<Integer> committed = new ArrayList<>();
    List<Integer> uncertain = new ArrayList<>();
    int number = 0;
    try (TransactionalPublisher publisher =
        topics.builder(new InterceptedProducers(injection)).timeout(TIMEOUT).open()) {
      injection.place = place;
      for (Throwable failure : failures) {
        injection.next.set(failure);
        int struck = ++number;
        long startNs = System.nanoTime();
        try {
          TransactionTopics.both(publisher, struck);
          committed.add(struck);
        } catch (TransactionAbortedException e) {
          assertThat(e)
              .hasMessageContaining("none of them is visible")
              .hasCauseInstanceOf(RuntimeException.class);
          assertThat(e.advice()).as("%s", failure).isPresent();
        } catch (TransactionUnknownException e) {
          uncertain.add(struck);
        } catch (TransactionException e) {
          throw new AssertionError(e);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - startNs))
            .as("%s", failure)
            .isLessThan(TIMEOUT.plusMillis(500));
        assertThat(injection.next.get()).as("struck by %s", failure).isNull();
        int next = ++number;
        TransactionTopics.both(publisher, next);
        committed.add(next);
      }
      assertThat(publisher.health().isHealthy()).isTrue();
    }
    assertThat(uncertain).as("the log knows").isEmpty();
    assertThat(topics.committedUsers()).containsExactlyElementsOf(committed);
    assertThat(topics.committedPayments()).containsExactlyElementsOf(committed);
  }
}
