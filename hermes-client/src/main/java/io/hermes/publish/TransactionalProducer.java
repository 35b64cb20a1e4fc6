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
 * Kafka's transactional producer, and another one with the same transactional id when it cannot be
 * used any more. {@code initTransactions} of the next one ends what the last one left open, and
 * fences it: what is still on its way from it writes nothing. Only for the thread that writes
 * transactions, except {@link #endNow} and {@link #metrics}.
 */
final class TransactionalProducer {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");
  private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final String owner;
  private final Supplier<Producer<byte[], byte[]>> factory;
  private final TransactionFailures failures;
  private volatile @Nullable Producer<byte[], byte[]> current; // written by the writing thread
  private volatile boolean ended; // only ever set
  private boolean ready; // whether the current one is initialised
  private boolean replaced; // whether it is not the first, and that is not logged yet
  private CompletableFuture<Void> closing = CompletableFuture.completedFuture(null);

  /**
   * Has no producer yet unless one is given.
   *
   * @param owner whose it is, at the start of each log line
   * @param first not initialised
   * @param factory makes another one
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

  /** Whose it is, at the start of each log line. */
  String owner() {
    return owner;
  }

  boolean isReady() {
    return ready;
  }

  /** Any thread. Kafka's figures of the producer that is there now. */
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
   * Sees to it that a transaction can begin.
   *
   * @param untilNs when to stop trying; the last try may end {@code max.block.ms} later
   * @return why not; null if one can
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

  /** Commits; returns why that failed. If the action is to repeat it, its outcome is open. */
  @Nullable Failure commit(long untilNs) {
    return repeat(Step.COMMIT, untilNs, get()::commitTransaction);
  }

  /** Aborts; returns why that failed. */
  @Nullable Failure abort(long untilNs) {
    return repeat(Step.ABORT, untilNs, get()::abortTransaction);
  }

  private @Nullable Failure repeat(Step step, long untilNs, Runnable call) {
    while (true) {
      try {
        call.run();
        return null;
      } catch (Throwable e) {
        Thread.interrupted(); // nobody has a reason to interrupt this thread, and the call is
        // repeated
        Failure why = failures.of(step, e);
        if (why.action() != Action.REPEAT || isOver(untilNs)) {
          return why;
        }
      }
    }
  }

  /**
   * Closes the producer at once. The next {@link #prepare} makes another one.
   *
   * @return whether it has ended by then, so that it sends nothing any more
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

  /** Any thread. Ends every wait of the writing thread, as the publisher closes. */
  void endNow() {
    ended = true;
    Producer<byte[], byte[]> producer = current;
    if (producer != null) {
      var unused = ProducerClose.begin(owner, producer, Duration.ZERO);
    }
  }

  /** Whether the publisher closes without waiting. */
  boolean hasEnded() {
    return ended;
  }
}
