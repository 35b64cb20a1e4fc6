package io.hermes.publish;

import io.hermes.kafka.ProducerClose;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's producer, and another one in its place where it hangs. Safe for any thread.
 *
 * <p>The old one is closed before there is a new one, so what it had has ended: the order within a
 * key holds.
 */
final class ReplaceableProducer {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");

  private final String owner;
  private final Supplier<Producer<byte[], byte[]>> factory;
  private final WaitingEvents samples = new WaitingEvents();
  private final long longestWaitNs;
  private volatile Producer<byte[], byte[]> current; // written under this
  private boolean broken; // guarded by this; current is closed, and there is no other
  private boolean closed; // guarded by this

  /**
   * A producer that works.
   *
   * @param owner whose it is, at the start of each log line
   * @param factory makes another one
   * @param longestWait how long to wait for another one, as Kafka would for metadata
   */
  ReplaceableProducer(
      String owner,
      Producer<byte[], byte[]> first,
      Supplier<Producer<byte[], byte[]>> factory,
      Duration longestWait) {
    this.owner = owner;
    this.factory = factory;
    this.current = first;
    this.longestWaitNs = longestWait.toNanos();
  }

  /** Whose it is, at the start of each log line. */
  String owner() {
    return owner;
  }

  void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    Callback told = samples.perhaps(record.topic(), callback);
    try {
      sendOn(record, told);
    } catch (RuntimeException | Error e) {
      WaitingEvents.refused(told);
      throw e;
    }
  }

  private void sendOn(ProducerRecord<byte[], byte[]> record, Callback callback) {
    try {
      var unused = current.send(record, callback);
    } catch (IllegalStateException e) {
      if (!isReplaced()) {
        throw e;
      }
      var unused = current.send(record, callback);
    }
  }

  /** Some of the events on their way. */
  WaitingEvents samples() {
    return samples;
  }

  /**
   * After Kafka's "closed": waits for the other producer, no longer than Kafka would for metadata,
   * and not at all on an interrupted thread.
   */
  private synchronized boolean isReplaced() {
    long deadlineNs = System.nanoTime() + longestWaitNs;
    try {
      while (broken && !closed) {
        long leftNs = deadlineNs - System.nanoTime();
        if (leftNs <= 0) {
          throw new TimeoutException("The producer is being replaced.");
        }
        TimeUnit.NANOSECONDS.timedWait(this, leftNs);
      }
    } catch (InterruptedException e) {
      throw new InterruptException(e); // sets the thread's flag again
    }
    return !closed;
  }

  /** Kafka's figures of the producer that is there now. */
  Map<MetricName, ? extends Metric> metrics() {
    return current.metrics();
  }

  /**
   * Ends all that is on its way, as unknown, and begins anew. Takes as long as the old producer
   * needs to end, without the lock.
   */
  void replace() {
    Producer<byte[], byte[]> old;
    synchronized (this) {
      if (closed || broken) {
        return;
      }
      broken = true;
      old = current;
    }
    ProducerClose.begin(owner, old, Duration.ZERO).join();
    mend();
  }

  /** Makes the new producer, if that has not worked yet. */
  synchronized void mend() {
    if (!broken || closed) {
      return;
    }
    try {
      current = factory.get();
      broken = false;
      notifyAll();
    } catch (RuntimeException e) {
      LOG.warn("{}: no new producer yet, tried again every second: {}", owner, e.getMessage());
    }
  }

  /**
   * Begins to close.
   *
   * @return completed once everything sent has an outcome, as {@link ProducerClose#begin} says
   */
  CompletableFuture<Void> close(Duration timeout) {
    Producer<byte[], byte[]> last;
    synchronized (this) {
      closed = true;
      notifyAll();
      last = current;
    }
    return ProducerClose.begin(owner, last, timeout);
  }
}
