package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Events;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Producers that call nothing back when they are closed, as one whose I/O thread has died, or call
 * back late.
 */
@Timeout(60)
class GivingUpTest {

  private static final ByteArraySerializer BYTES = new ByteArraySerializer();
  private static final Topic<UserEvent> TOPIC = Topic.of(UserEvent.class);

  private final Queue<Callback> held = new ConcurrentLinkedQueue<>();
  private final CountingOutcomes outcomes = new CountingOutcomes();

  private MockProducer<byte[], byte[]> holding() {
    return new MockProducer<>(true, null, BYTES, BYTES) {
      private volatile boolean over;

      @Override
      public synchronized Future<RecordMetadata> send(
          ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
        if (over) {
          throw new IllegalStateException("closed");
        }
        held.add(callback);
        return new CompletableFuture<>();
      }

      @Override
      public void close(Duration timeout) {
        over = true;
      }
    };
  }

  private KafkaPublisher<UserEvent> publisher(
      ReplaceableProducer producer, PublisherObserver... observers) {
    HermesPublisher.Builder<UserEvent> builder =
        HermesPublisher.builder(TOPIC).settings(KafkaSettings.of("localhost:1"));
    for (PublisherObserver observer : observers) {
      builder.observer(observer);
    }
    TopicRoute<UserEvent> route = new TopicRoute<>(TOPIC, ZstdOptions.defaults());
    return new KafkaPublisher<>(
        builder.config(), Map.of(TOPIC.descriptor(), route), producer, Duration.ofHours(1));
  }

  @Test
  void eachEventEndsOnceHoweverCallbacksCallersReplacementsAndCloseMeet() throws Exception {
    race(publisher(producer(), outcomes), true);
    assertThat(outcomes.twice).hasValue(0);
    assertThat(outcomes.ended.get()).isEqualTo(outcomes.begun.get());
  }

  /** Without observers Kafka's thread itself counts what a bulk has acknowledged. */
  @Test
  void eachEventOfABulkThatNobodyObservesEndsOnce() throws Exception {
    race(publisher(producer()), false);
  }

  private final List<ReplaceableProducer> made = new ArrayList<>();

  private ReplaceableProducer producer() {
    ReplaceableProducer producer =
        new ReplaceableProducer("Publisher", holding(), this::holding, Duration.ofSeconds(3));
    made.add(producer);
    return producer;
  }

  private void race(KafkaPublisher<UserEvent> publisher, boolean observed) throws Exception {
    ReplaceableProducer producer = made.get(0);
    List<CompletableFuture<Receipt>> futures = new ArrayList<>();
    List<CompletableFuture<BulkResult>> bulks = new ArrayList<>();
    List<Thread> callers = new ArrayList<>();
    AtomicInteger calling = new AtomicInteger(3);
    for (int caller = 0; caller < 3; caller++) {
      Random random = new Random(caller);
      Thread thread =
          new Thread(
              () -> {
                for (int round = 0; round < 300; round++) {
                  if (random.nextInt(4) == 0) {
                    CompletableFuture<BulkResult> bulk =
                        publisher.publishAll(
                            IntStream.range(0, 40).mapToObj(i -> Events.login("b", i)));
                    synchronized (bulks) {
                      bulks.add(bulk);
                    }
                  }
                  CompletableFuture<Receipt> future =
                      random.nextInt(4) == 0
                          ? publisher.publishTombstone("u")
                          : publisher.publish(Events.login("u", round));
                  synchronized (futures) {
                    futures.add(future);
                  }
                }
                calling.decrementAndGet();
              });
      callers.add(thread);
    }
    Thread kafka = new Thread(() -> callBack(() -> calling.get() > 0));
    Thread late = new Thread(() -> callBack(() -> calling.get() > 0));
    Thread watch =
        new Thread(
            () -> {
              while (calling.get() > 0) {
                producer.replace();
              }
            });
    List<Thread> all = new ArrayList<>(callers);
    all.addAll(List.of(kafka, late, watch));
    all.forEach(Thread::start);
    for (Thread thread : all) {
      thread.join();
    }
    publisher.close(Duration.ofMillis(100));
    callBack(() -> false); // what comes after the close changes nothing
    for (CompletableFuture<Receipt> future : futures) {
      assertThat(future.handle((receipt, failure) -> true).get(30, TimeUnit.SECONDS)).isTrue();
      assertThat(
              future.isCompletedExceptionally()
                  ? future.handle((receipt, failure) -> failure).join()
                  : null)
          .matches(failure -> failure == null || failure instanceof PublishException);
    }
    assertThat(bulks).isNotEmpty();
    for (CompletableFuture<BulkResult> bulk : bulks) {
      BulkResult result = bulk.get(30, TimeUnit.SECONDS);
      assertThat(result.taken()).isEqualTo(40);
      assertThat(result.failures().stream().map(BulkResult.Failure::index)).doesNotHaveDuplicates();
    }
    assertThat(publisher.health().inFlightRecords()).isZero();
    assertThat(publisher.health().inFlightBytes()).isZero();
    assertThat(observed).isEqualTo(outcomes.begun.get() > 0);
  }

  /** Ends what is held, some of it as failed; some is kept until later, or forever. */
  private void callBack(BooleanSupplier more) {
    Random random = new Random(1);
    RecordMetadata written = new RecordMetadata(new TopicPartition(TOPIC.name(), 0), 0, 0, 0, 0, 0);
    List<Callback> kept = new ArrayList<>();
    do {
      Callback next = held.poll();
      if (next == null) {
        Thread.onSpinWait();
      } else if (random.nextInt(10) == 0) {
        kept.add(next);
      } else if (random.nextInt(10) == 0) {
        next.onCompletion(null, new NotLeaderOrFollowerException("moved"));
      } else {
        next.onCompletion(written, null);
      }
      if (kept.size() > 50) {
        kept.remove(0).onCompletion(written, null);
      }
    } while (more.getAsBoolean());
    kept.forEach(callback -> callback.onCompletion(written, null));
  }

  /** An Error inside send() can come after the record was taken, so nobody knows. */
  @Test
  void anErrorOfTheJvmInsideSendIsUnknownAndALateCallbackOfNoEffect() throws Exception {
    MockProducer<byte[], byte[]> overflowing =
        new MockProducer<>(true, null, BYTES, BYTES) {
          @Override
          public synchronized Future<RecordMetadata> send(
              ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
            held.add(callback);
            throw new StackOverflowError();
          }
        };
    var publisher =
        publisher(
            new ReplaceableProducer(
                "Publisher", overflowing, this::holding, Duration.ofSeconds(3)));
    try (publisher) {
      CompletableFuture<Receipt> future = publisher.publish(Events.login("u", 1));
      BulkResult bulk =
          publisher.publishAll(List.of(Events.login("u", 2))).get(30, TimeUnit.SECONDS);
      assertThat(bulk.failures())
          .singleElement()
          .matches(failure -> failure.exception() instanceof PublishUnknownException);
      assertThat(future)
          .failsWithin(Duration.ofSeconds(30))
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(PublishUnknownException.class);
      callBack(() -> !held.isEmpty());
      publisher.flush(Duration.ofSeconds(10));
      assertThat(publisher.health().inFlightRecords()).isZero();
    }
  }

  /** Counts, of each event, whether it ends once. */
  private static final class CountingOutcomes implements PublisherObserver {

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger twice = new AtomicInteger();

    @Override
    public Publication publishing(OutgoingEvent event) {
      begun.incrementAndGet();
      AtomicInteger times = new AtomicInteger();
      return new Publication() {
        @Override
        public void acknowledged(Receipt receipt) {
          end();
        }

        @Override
        public void rejected(PublishRejectedException why) {
          end();
        }

        @Override
        public void unknown(PublishUnknownException why) {
          end();
        }

        private void end() {
          ended.incrementAndGet();
          if (times.incrementAndGet() > 1) {
            twice.incrementAndGet();
          }
        }
      };
    }
  }
}
