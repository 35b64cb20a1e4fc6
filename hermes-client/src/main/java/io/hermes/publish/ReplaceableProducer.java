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
 * Kafka's producer, which is replaced if it hangs or its I/O thread dies. Safe for any thread.
 *
 * <p>The old producer is closed before a new one is created, so that it writes nothing more and the
 * order within each key holds. As it closes, Kafka ends its events. Events that Kafka does not end
 * then, because its I/O thread is dead or stuck, end as unknown.
 */
final class ReplaceableProducer {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");

  private final String owner;
  private final Supplier<Producer<byte[], byte[]>> factory;
  private final long longestWaitNs;
  private volatile Generation current; // written under this
  private @Nullable CompletableFuture<Void> closing; // of the old producer; guarded by this
  private boolean closed; // guarded by this

  /** One producer and the events that it accepted. */
  private static final class Generation {
    private final Producer<byte[], byte[]> producer;
    private final InFlight inFlight = new InFlight();
    private final WaitingEvents samples = new WaitingEvents();
    private volatile boolean over;

    Generation(Producer<byte[], byte[]> producer) {
      this.producer = producer;
    }

    void send(ProducerRecord<byte[], byte[]> record, Pending event) {
      if (over) { // if its I/O thread is dead, Kafka's producer accepts records even after close()
        throw new IllegalStateException("The producer has been closed.");
      }
      Callback callback = samples.perhaps(record.topic(), event);
      try {
        var unused = producer.send(record, callback);
      } catch (RuntimeException | Error e) {
        WaitingEvents.refused(callback);
        throw e;
      }
      inFlight.add(event);
    }

    void giveUp() {
      inFlight.giveUp(new KafkaException("Kafka's producer ended without reporting an outcome."));
    }
  }

  /**
   * Starts with a working producer.
   *
   * @param owner the publisher, logged at the start of each line
   * @param factory creates a replacement
   * @param longestWait how long to wait for a replacement, as Kafka would for metadata
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

  /** The publisher, logged at the start of each line. */
  String owner() {
    return owner;
  }

  /** Sends an event. Unless this throws, its outcome is reported to the event. */
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

  /** A sample of the events in flight. */
  WaitingEvents samples() {
    return current.samples;
  }

  /** Forgets the events that have ended. */
  void sweep() {
    current.inFlight.sweep();
  }

  /**
   * Called when Kafka's producer reports that it is closed. Waits for the replacement, no longer
   * than Kafka would for metadata, and not at all on an interrupted thread.
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

  /** The current producer's Kafka metrics. */
  Map<MetricName, ? extends Metric> metrics() {
    return current.producer.metrics();
  }

  /** Whether there is no producer: the old one has not ended, or no new one can be created. */
  synchronized boolean isMissing() {
    return closing != null && !closed;
  }

  /** Whether the producer is neither closing nor being replaced; both also end its I/O thread. */
  synchronized boolean isInUse() {
    return closing == null && !closed;
  }

  /**
   * Closes the producer, ends all its events as unknown, and creates a new producer once the old
   * one has ended. Waits for that no longer than a second.
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

  /** Creates the new producer, if there is none yet and the old one has ended. */
  synchronized void mend() {
    if (closing == null || !closing.isDone() || closed) {
      return;
    }
    try {
      current = new Generation(factory.get());
      closing = null;
      notifyAll();
    } catch (RuntimeException e) {
      LOG.warn(
          "{}: cannot create a new producer yet, retrying every second: {}", owner, e.getMessage());
    }
  }

  /**
   * Begins to close.
   *
   * @return completes once the producer has ended; see {@link ProducerClose#begin}
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

  /**
   * Called after {@link #close}: ends events without an outcome, and any sent later, as unknown.
   */
  void giveUp() {
    current.giveUp();
  }
}
