package io.hermes.kafka;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes Kafka's producers without waiting longer than the timeout. {@code
 * KafkaProducer.close(timeout)} joins its I/O thread without a limit. That thread can wait for up
 * to {@code request.timeout.ms} on a broker that accepts the connection but never responds; an
 * idempotent producer does so until it has a producer id. Stateless.
 */
public final class ProducerClose {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.kafka");

  /** Allows for the time that an ordinary close takes beyond its timeout, with a margin. */
  private static final long SLACK_NS = TimeUnit.SECONDS.toNanos(1);

  private ProducerClose() {}

  /**
   * Begins to close a producer, on a new thread that is never interrupted (KAFKA-16985).
   *
   * @param owner the producer's owner, logged at the start of each line
   * @param producer the producer
   * @param timeout how long it may wait for records in flight
   * @return completes once the producer has ended, never with an exception. By then every sent
   *     record has an outcome, unless the producer's I/O thread had died earlier.
   */
  public static CompletableFuture<Void> begin(
      String owner, Producer<?, ?> producer, Duration timeout) {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                producer.close(timeout);
              } catch (RuntimeException | Error e) {
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
   * Waits for a close to complete, up to a second longer than its timeout.
   *
   * @param closed what {@link #begin} returned
   * @param timeout the timeout passed to {@link #begin}
   * @return whether it is complete
   * @throws InterruptedException if the calling thread is interrupted; the close continues
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
