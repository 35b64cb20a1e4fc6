package io.hermes.publish;

import io.hermes.kafka.ProducerClose;
import io.hermes.kafka.TransactionFailures;
import io.hermes.kafka.TransactionFailures.Action;
import io.hermes.kafka.TransactionFailures.Failure;
import io.hermes.kafka.TransactionFailures.Step;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's transactional producer, which is replaced by one with the same transactional id when it
 * becomes unusable. {@code initTransactions} of the new producer ends the transaction that the old
 * one left open, and fences it: requests still in flight from it write nothing. Only for the thread
 * that writes transactions, except {@link #endNow} and {@link #metrics}.
 */
final class TransactionalProducer {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");
  private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final String owner;
  private final Supplier<Producer<byte[], byte[]>> factory;
  private final TransactionFailures failures;
  private volatile @Nullable Producer<byte[], byte[]> current; // written by the writing thread
  private volatile boolean ended; // only ever set
  private boolean ready; // whether the current producer is initialised
  private boolean replaced; // whether a replacement is not logged yet
  private CompletableFuture<Void> closing = CompletableFuture.completedFuture(null);

  /**
   * Starts with a producer that is not initialised yet.
   *
   * @param owner the publisher, logged at the start of each line
   * @param first the first producer
   * @param factory creates a replacement
   */
  TransactionalProducer(
      String owner,
      Producer<byte[], byte[]> first,
      Supplier<Producer<byte[], byte[]>> factory,
      TransactionFailures failures) {
    this.owner = owner;
    this.current = first;
    this.factory = factory;
    this.failures = failures;
  }

  /** The publisher, logged at the start of each line. */
  String owner() {
    return owner;
  }

  boolean isReady() {
    return ready;
  }

  /** The current producer's Kafka metrics. Any thread. */
  Map<MetricName, ? extends Metric> metrics() {
    Producer<byte[], byte[]> producer = current;
    return producer == null ? Map.of() : producer.metrics();
  }

  /** The producer, after {@link #prepare}. */
  Producer<byte[], byte[]> get() {
    Producer<byte[], byte[]> producer = current;
    if (producer == null) {
      throw new IllegalStateException("There is no producer.");
    }
    return producer;
  }

  /**
   * Initialises a producer if necessary, so that a transaction can begin.
   *
   * @param untilNs when to stop trying; the last try may end {@code max.block.ms} later
   * @return why that failed; null if a transaction can begin
   */
  @Nullable Failure prepare(long untilNs) {
    while (!ready) {
      Failure why = initialise(untilNs);
      if (why == null) {
        ready = true;
        if (replaced) {
          replaced = false;
          LOG.info("{}: the producer has been replaced", owner);
        }
      } else if (why.action() == Action.RECONFIGURE || isOver(untilNs)) {
        return why;
      } else {
        LockSupport.parkNanos(this, PAUSE_NS);
      }
    }
    return null;
  }

  private @Nullable Failure initialise(long untilNs) {
    try {
      if (ended) {
        throw new IllegalStateException("The publisher is closed.");
      }
      if (!awaitClosing(untilNs - System.nanoTime())) {
        throw new org.apache.kafka.common.errors.TimeoutException(
            "The producer that is replaced has not closed yet.");
      }
      if (current == null) {
        current = factory.get();
        replaced = true;
      }
    } catch (RuntimeException e) {
      return failures.of(Step.INIT, e);
    }
    Failure why = repeat(Step.INIT, untilNs, get()::initTransactions);
    if (why != null && why.action() != Action.REPEAT) {
      discard(untilNs);
    }
    return why;
  }

  /** Commits; returns why that failed, or null. If the action is REPEAT, the outcome is open. */
  @Nullable Failure commit(long untilNs) {
    return repeat(Step.COMMIT, untilNs, get()::commitTransaction);
  }

  /** Aborts; returns why that failed, or null. */
  @Nullable Failure abort(long untilNs) {
    return repeat(Step.ABORT, untilNs, get()::abortTransaction);
  }

  private @Nullable Failure repeat(Step step, long untilNs, Runnable call) {
    while (true) {
      try {
        call.run();
        return null;
      } catch (Throwable e) {
        Thread.interrupted(); // nothing interrupts on purpose, and the call is repeated
        Failure why = failures.of(step, e);
        if (why.action() != Action.REPEAT || isOver(untilNs)) {
          return why;
        }
      }
    }
  }

  /**
   * Closes the producer immediately. The next {@link #prepare} creates another one.
   *
   * @return whether it ended in time, so that it sends nothing more
   */
  boolean discard(long untilNs) {
    Producer<byte[], byte[]> old = current;
    if (old != null) {
      ready = false;
      current = null;
      closing = ProducerClose.begin(owner, old, Duration.ZERO);
    }
    return awaitClosing(untilNs - System.nanoTime());
  }

  private boolean awaitClosing(long waitNs) {
    try {
      closing.get(Math.max(waitNs, PAUSE_NS), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException | ExecutionException e) {
      return closing.isDone();
    }
  }

  private boolean isOver(long untilNs) {
    return ended || System.nanoTime() - untilNs > 0;
  }

  /** Ends every wait of the writing thread when the publisher closes. Any thread. */
  void endNow() {
    ended = true;
    Producer<byte[], byte[]> producer = current;
    if (producer != null) {
      var unused = ProducerClose.begin(owner, producer, Duration.ZERO);
    }
  }

  /** Whether {@link #endNow} was called. */
  boolean hasEnded() {
    return ended;
  }
}
