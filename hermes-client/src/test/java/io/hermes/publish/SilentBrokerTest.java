package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.SilentBroker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A broker that accepts connections and never responds. Kafka's producer waits for it up to {@code
 * request.timeout.ms} on its I/O thread, as long as it has no producer id, and cannot be closed
 * sooner.
 */
@Timeout(60)
class SilentBrokerTest {

  private static final ByteArraySerializer BYTES = new ByteArraySerializer();

  @Test
  void closeReturnsAtItsDeadlineAndTheProducerEndsAfterIt() throws Exception {
    Topic<UserEvent> topic = Topic.of(UserEvent.class);
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    try (SilentBroker broker = new SilentBroker()) {
      var publisher =
          new KafkaPublisher<>(
              HermesPublisher.builder(topic).settings(KafkaSettings.of(broker.address())).config(),
              Map.of(),
              new ReplaceableProducer(
                  "Publisher", producer(broker), () -> producer(broker), Duration.ofSeconds(3)),
              Duration.ofSeconds(5));
      broker.awaitConnection();
      long startNs = System.nanoTime();
      publisher.close(Duration.ofMillis(500));
      assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(10));
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        if (thread.getName().equals("hermes-acknowledgements") && !before.contains(thread)) {
          thread.join(8_000); // it does not wait for the producer
          assertThat(thread.isAlive()).isFalse();
        }
      }
    }
  }

  private static Producer<byte[], byte[]> producer(SilentBroker broker) {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", broker.address(), "request.timeout.ms", 20_000), BYTES, BYTES);
  }

  @Test
  void whileAProducerIsReplacedCallersWaitForTheNextOneUnlessTheyMayNot() throws Exception {
    CountDownLatch closing = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    MockProducer<byte[], byte[]> slow =
        new MockProducer<>(true, null, BYTES, BYTES) {
          @Override
          public void close(Duration timeout) {
            super.close(timeout);
            closing.countDown();
            try {
              mayEnd.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    MockProducer<byte[], byte[]> next = new MockProducer<>(true, null, BYTES, BYTES);
    Queue<Producer<byte[], byte[]>> producers = new ArrayDeque<>(List.of(next));
    ReplaceableProducer producer =
        new ReplaceableProducer("Publisher", slow, producers::remove, Duration.ofSeconds(3));
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>("t", new byte[1]);
    Thread watch = new Thread(producer::replace);
    watch.start();
    closing.await();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> producer.send(record, new NumberedEvent(1)))
        .isInstanceOf(InterruptException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThatThrownBy(() -> producer.send(record, new NumberedEvent(1)))
        .isInstanceOf(TimeoutException.class);
    mayEnd.countDown();
    producer.send(record, new NumberedEvent(1));
    watch.join();
    assertThat(next.history()).containsExactly(record);
  }
}
