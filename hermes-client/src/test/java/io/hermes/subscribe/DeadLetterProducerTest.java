package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Fault;
import io.hermes.kafka.Faults;
import io.hermes.testing.CapturedLog;
import io.hermes.testing.IoThreadAction;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The dead-letter producer dies or hangs: no key waits for it forever. */
@KafkaTest
@SuppressWarnings("try") // a subscriber that only runs
class DeadLetterProducerTest {

  @Test
  void aDeadLetterWhoseProducerDiedIsWrittenWithAnother(Kafka kafka) throws Exception {
    IoThreadAction ioThread = new IoThreadAction();
    try (Users users = new Users(kafka, 1);
        HermesSubscriber subscriber =
            users
                .subscriber()
                .settings(users.settings().toBuilder().clients(ioThread).build())
                .onError(ErrorPolicy.retry(1))
                .start(
                    delivery -> {
                      throw new IllegalStateException("never");
                    })) {
      users.send("user", 1).get();
      Await.until("the first is written", () -> users.committedSum() == 1);
      ioThread.dieOnce();
      users.send("user", 2).get();
      users.send("user", 3).get();
      Await.until("the others are written", () -> users.committedSum() == 3);
      Await.until("no fault is left", () -> subscriber.health().isHealthy());
      assertThat(users.deadLetters()).hasSizeGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void oneThatKafkaNeverEndsHasFailedOnceAndALateAcknowledgementIsOfNoEffect() {
    List<Callback> held = new ArrayList<>();
    AtomicInteger producers = new AtomicInteger();
    Faults faults = faults();
    DeadLetters letters = holding(held, producers, faults);
    WorkItem item = item();
    AtomicInteger acknowledged = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    DeadLetterOutlet.Written written =
        new DeadLetterOutlet.Written() {
          @Override
          public void acknowledged() {
            acknowledged.incrementAndGet();
          }

          @Override
          public void failed(long retryInNs) {
            failed.incrementAndGet();
          }
        };
    letters.send(item, new IllegalStateException("never"), written);
    letters.check(System.nanoTime() + Duration.ofSeconds(34).toNanos());
    assertThat(failed).hasValue(0);
    letters.check(System.nanoTime() + Duration.ofSeconds(36).toNanos());
    assertThat(failed).hasValue(1);
    assertThat(faults.current())
        .singleElement()
        .satisfies(fault -> assertThat(fault.kind()).isEqualTo(Fault.Kind.DEAD_LETTER));
    held.get(0).onCompletion(null, null);
    letters.check(System.nanoTime() + Duration.ofSeconds(72).toNanos());
    assertThat(acknowledged).hasValue(0);
    assertThat(failed).hasValue(1);
    letters.send(item, new IllegalStateException("never"), written);
    held.get(1).onCompletion(null, null);
    assertThat(acknowledged).hasValue(1);
    assertThat(faults.current()).isEmpty();
    assertThat(producers).hasValue(2);
    letters.close(Duration.ZERO);
  }

  /** A producer's I/O thread ends when it is closed, too, which is no reason for a warning. */
  @Test
  void oneThatIsClosedIsNotReplaced() throws Exception {
    for (boolean closes : new boolean[] {true, false}) {
      List<Callback> held = new ArrayList<>();
      DeadLetters letters = holding(held, new AtomicInteger(), faults());
      letters.send(item(), new IllegalStateException("never"), NOBODY);
      Thread ioThread =
          new Thread(
              () -> held.get(0).onCompletion(null, null),
              KafkaProducer.NETWORK_THREAD_PREFIX + "-1");
      ioThread.start();
      ioThread.join();
      try (CapturedLog log = new CapturedLog()) {
        if (closes) {
          letters.close(Duration.ZERO);
        }
        letters.check(System.nanoTime());
        assertThat(log.text().contains("it is replaced")).isNotEqualTo(closes);
      }
    }
  }

  private static final DeadLetterOutlet.Written NOBODY =
      new DeadLetterOutlet.Written() {
        @Override
        public void acknowledged() {}

        @Override
        public void failed(long retryInNs) {}
      };

  private static Faults faults() {
    return new Faults("Group g", LoggerFactory.getLogger(HermesSubscriber.class));
  }

  /** Its producers take dead letters and end none by themselves. */
  private static DeadLetters holding(List<Callback> held, AtomicInteger producers, Faults faults) {
    return new DeadLetters(
        () -> {
          producers.incrementAndGet();
          return new MockProducer<byte[], byte[]>() {
            @Override
            public synchronized Future<RecordMetadata> send(
                ProducerRecord<byte[], byte[]> record, Callback callback) {
              held.add(callback);
              return new CompletableFuture<>();
            }
          };
        },
        "g",
        new UnwrittenDeadLetters(new Group("g", "here", false), faults));
  }

  private static WorkItem item() {
    TopicPartition id = new TopicPartition("users", 0);
    Partition partition =
        new Partition(new Assignment(id, 1, Thread.currentThread()), null, 0, null);
    return new WorkItem(
        new ConsumerRecord<>("users", 0, 5, Users.bytes("key"), Users.bytes("value")),
        partition,
        0);
  }
}
