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
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's producer, and another one in its place where it hangs or its I/O thread has died. Safe
 * for any thread.
 *
 * <p>The old one is closed before there is a new one, so it writes nothing any more: the order
 * within a key holds. Kafka ends what it had as it closes. What Kafka does not end then, because
 * its I/O thread is dead or does not return, is given up and ends as unknown.
 */
final class ReplaceableProducer {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");

  private final String owner;
  private final Supplier<Producer<byte[], byte[]>> factory;
  private final long longestWaitNs;
  private volatile Generation current; // written under this
  private @Nullable CompletableFuture<Void> closing; // guarded by this; of one that is replaced
  private boolean closed; // guarded by this

  /** A producer, and what it was given. */
  private static final class Generation {
    private final Producer<byte[], byte[]> producer;
    private final InFlight inFlight = new InFlight();
    private final WaitingEvents samples = new WaitingEvents();
    private volatile boolean over;

    Generation(Producer<byte[], byte[]> producer) {
      this.producer = producer;
    }

    void send(ProducerRecord<byte[], byte[]> record, Pending event) {
      if (over) { // Kafka's producer takes records after close(), too, if its I/O thread is dead
        throw new IllegalStateException("The producer has been closed.");
      }
      Callback told = samples.perhaps(record.topic(), event);
      try {
        var unused = producer.send(record, told);
      } catch (RuntimeException | Error e) {
        WaitingEvents.refused(told);
        throw e;
      }
      inFlight.add(event);
    }

    void giveUp() {
      inFlight.giveUp(new KafkaException("Kafka's producer ended without reporting an outcome."));
    }
  }

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
    this.current = new Generation(first);
    this.longestWaitNs = longestWait.toNanos();
  }

  /** Whose it is, at the start of each log line. */
  String owner() {
    return owner;
  }

  /** Sends an event, whose outcome comes back to it, if this does not throw. */
  void send(ProducerRecord<byte[], byte[]> record, Pending event) {
    try {
      current.send(record, event);
    } catch (IllegalStateException e) {
      if (!isReplaced()) {
        throw e;
      }
      current.send(record, event);
    }
  }

  /** Some of the events on their way. */
  WaitingEvents samples() {
    return current.samples;
  }

  /** Forgets the events that have ended. */
  void sweep() {
    current.inFlight.sweep();
  }

  /**
   * After Kafka's "closed": waits for the other producer, no longer than Kafka would for metadata,
   * and not at all on an interrupted thread.
   */
  private synchronized boolean isReplaced() {
    long deadlineNs = System.nanoTime() + longestWaitNs;
    try {
      while (closing != null && !closed) {
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
    return current.producer.metrics();
  }

  /** Whether there is no producer: one that is replaced has not ended, or no other can be made. */
  synchronized boolean isMissing() {
    return closing != null && !closed;
  }

  /** Whether nobody closes or replaces it: its I/O thread ends then, too. */
  synchronized boolean isInUse() {
    return closing == null && !closed;
  }

  /**
   * Closes the producer, ends all that is on its way, as unknown, and begins anew once the old one
   * has ended. Waits for that no longer than a second.
   */
  void replace() {
    Generation old;
    CompletableFuture<Void> ending;
    synchronized (this) {
      if (closed || closing != null) {
        return;
      }
      old = current;
      ending = ProducerClose.begin(owner, old.producer, Duration.ZERO);
      closing = ending;
      old.over = true;
    }
    try {
      ProducerClose.await(ending, Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    old.giveUp();
    var unused = ending.thenRun(this::mend); // now, if it has ended
  }

  /** Makes the new producer, if that has not worked yet and the old one has ended. */
  synchronized void mend() {
    if (closing == null || !closing.isDone() || closed) {
      return;
    }
    try {
      current = new Generation(factory.get());
      closing = null;
      notifyAll();
    } catch (RuntimeException e) {
      LOG.warn("{}: no new producer yet, tried again every second: {}", owner, e.getMessage());
    }
  }

  /**
   * Begins to close.
   *
   * @return completed once the producer has ended, as {@link ProducerClose#begin} says
   */
  CompletableFuture<Void> close(Duration timeout) {
    Generation last;
    synchronized (this) {
      closed = true;
      notifyAll();
      last = current;
    }
    return ProducerClose.begin(owner, last.producer, timeout);
  }

  /** After {@link #close}: ends as unknown what has no outcome, and what callers still send. */
  void giveUp() {
    current.giveUp();
  }
}
