package io.hermes.kafka;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes Kafka's producers without waiting longer than asked. {@code KafkaProducer.close(timeout)}
 * joins its I/O thread without a limit, and that thread can be waiting for a connection to a broker
 * that accepts it and never responds, for up to {@code request.timeout.ms}: an idempotent producer
 * does so for as long as it has no producer id. Stateless.
 */
public final class ProducerClose {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.kafka");

  /** What an ordinary close takes on top of its timeout, and then some. */
  private static final long SLACK_NS = TimeUnit.SECONDS.toNanos(1);

  private ProducerClose() {}

  /**
   * Begins to close a producer, on a thread of its own, which nobody interrupts (KAFKA-16985).
   *
   * @param owner whose producer it is, at the start of a log line
   * @param producer the producer
   * @param timeout how long it may wait for what is in flight
   * @return completed, never with an exception, once everything sent has an outcome
   */
  public static CompletableFuture<Void> begin(
      String owner, Producer<?, ?> producer, Duration timeout) {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                producer.close(timeout);
              } catch (KafkaException e) {
                LOG.warn("{}: Kafka's producer did not close cleanly", owner, e);
              } finally {
                closed.complete(null);
              }
            },
            "hermes-producer-close");
    thread.setDaemon(true);
    thread.start();
    return closed;
  }

  /**
   * Waits for a close, a second longer than its timeout.
   *
   * @param closed what {@link #begin} returned
   * @param timeout the timeout that it was given
   * @return whether it is complete
   * @throws InterruptedException if the calling thread is interrupted; the close goes on
   */
  public static boolean await(CompletableFuture<Void> closed, Duration timeout)
      throws InterruptedException {
    try {
      closed.get(Timeouts.nanos(timeout) + SLACK_NS, TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // never completed with an exception
    }
  }
}
