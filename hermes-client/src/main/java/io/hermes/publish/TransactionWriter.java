package io.hermes.publish;

import io.hermes.AccessException;
import io.hermes.BrokerUnavailableException;
import io.hermes.Fault;
import io.hermes.HermesException;
import io.hermes.kafka.BrokerWatch;
import io.hermes.kafka.Faults;
import io.hermes.kafka.Thrown;
import io.hermes.kafka.TransactionFailures;
import io.hermes.kafka.TransactionFailures.Action;
import io.hermes.kafka.TransactionFailures.Failure;
import io.hermes.publish.PendingTransaction.Aborted;
import io.hermes.publish.PendingTransaction.Committed;
import io.hermes.publish.PendingTransaction.Outcome;
import io.hermes.publish.PendingTransaction.Unknown;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes transactions one after the other, on its own thread; only that thread uses the producer.
 * Callers only wait, so they return in time even if Kafka's producer does not. {@link #runOnce} is
 * one step.
 */
final class TransactionWriter implements TransactionOutlet {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");
  private static final String FAULT = "transactions";
  private static final long IDLE_MS = 500;
  private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);

  /** The time reserved for finding out how a commit without a response ended. */
  private static final long RESERVE_NS = TimeUnit.SECONDS.toNanos(1);

  private final TransactionalProducer producer;
  private final TransactionFailures failures;
  private final CommitProbe probe;
  private final FencingReport fencing;
  private final BrokerWatch brokers;
  private final Faults faults;
  private final long reserveNs;
  private final LinkedBlockingQueue<PendingTransaction> queue = new LinkedBlockingQueue<>();
  private final AtomicLong events = new AtomicLong(); // waiting or being written
  private final AtomicLong bytes = new AtomicLong(); // of these
  private final Thread thread = new Thread(this::run, "hermes-transactions");
  private volatile @Nullable PendingTransaction current; // written by the writing thread
  private volatile boolean closed; // written under this
  private long triedNs = System.nanoTime() - RETRY_NS; // writing thread only

  TransactionWriter(
      TransactionalProducer producer,
      TransactionFailures failures,
      CommitProbe probe,
      FencingReport fencing,
      BrokerWatch brokers,
      Faults faults,
      long timeoutNs) {
    this.producer = producer;
    this.failures = failures;
    this.probe = probe;
    this.fencing = fencing;
    this.brokers = brokers;
    this.faults = faults;
    this.reserveNs = Math.min(RESERVE_NS, timeoutNs / 5);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  @Override
  public PublisherHealth health(long observerFailures, PublisherHealth.Transactions transactions) {
    return new PublisherHealth(
        closed ? PublisherHealth.State.CLOSED : PublisherHealth.State.OPEN,
        closed ? List.of() : faults.current(),
        brokers.sinceResponse(),
        events.get(),
        bytes.get(),
        observerFailures,
        Optional.of(transactions));
  }

  @Override
  public synchronized void add(PendingTransaction transaction) {
    if (closed) {
      transaction.giveUp(TransactionOutlet.closedReason());
    } else {
      events.addAndGet(transaction.entries().size());
      bytes.addAndGet(transaction.bytes());
      queue.add(transaction);
    }
  }

  /** Called before the caller gets the outcome, since it may read the counts then. */
  private void countOff(PendingTransaction transaction) {
    if (transaction.countOff()) {
      events.addAndGet(-transaction.entries().size());
      bytes.addAndGet(-transaction.bytes());
    }
  }

  private void end(PendingTransaction transaction, Outcome outcome) {
    countOff(transaction);
    transaction.end(outcome);
  }

  private void giveUp(PendingTransaction transaction, HermesException why) {
    countOff(transaction);
    transaction.giveUp(why);
  }

  private void run() {
    while (!closed || !queue.isEmpty()) {
      try {
        runOnce();
      } catch (Throwable e) { // continues: the next step may succeed, and only this thread writes
        Thrown.log(
            producer.owner(),
            () ->
                LOG.error("{}: the writing thread continues after an error", producer.owner(), e));
      }
    }
    producer.discard(System.nanoTime() + RESERVE_NS); // no transaction is open
  }

  /** Writes one transaction; if none waits, replaces the producer if necessary. */
  void runOnce() throws InterruptedException {
    PendingTransaction next = queue.poll(IDLE_MS, TimeUnit.MILLISECONDS);
    if (next == null) {
      idle();
      return;
    }
    current = next;
    try {
      write(next);
    } catch (Throwable e) {
      giveUp(next, new HermesException("Writing it failed: " + Thrown.describe(e), e));
      producer.discard(System.nanoTime());
      throw e;
    } finally {
      current = null;
      countOff(next);
    }
    if (!producer.isReady() && queue.isEmpty()) {
      idle(); // ends a transaction left open, which would block readers
    }
  }

  private void idle() {
    long nowNs = System.nanoTime();
    if (!producer.isReady() && !closed && nowNs - triedNs >= RETRY_NS) {
      triedNs = nowNs;
      prepare(nowNs);
    }
    brokers.check(System.nanoTime());
  }

  private @Nullable Failure prepare(long untilNs) {
    Failure why = producer.prepare(untilNs);
    if (why == null) {
      faults.end(FAULT);
    } else if (!producer.hasEnded()) {
      Fault.Kind kind =
          why.reason() instanceof AccessException
              ? Fault.Kind.ACCESS
              : why.reason() instanceof BrokerUnavailableException
                  ? Fault.Kind.BROKERS
                  : Fault.Kind.KAFKA;
      Fault fault = Fault.of(kind, "No transaction can begin", why.reason(), Faults.RETRIES);
      faults.begin(FAULT, fault, why.reason());
    }
    return why;
  }

  private void write(PendingTransaction transaction) {
    long untilNs = transaction.deadlineNs() - reserveNs;
    if (System.nanoTime() - untilNs > 0) { // too late to get the commit's response
      giveUp(
          transaction,
          new HermesException(
              "There was no time left to write it: its body, or earlier transactions, took too long.",
              null,
              true));
    }
    while (!transaction.isEnded()) {
      Failure unready = prepare(untilNs);
      if (unready != null) {
        end(transaction, new Aborted(unready.reason()));
        return;
      }
      TransactionAttempt attempt = new TransactionAttempt(transaction.entries(), failures);
      long startedNs = System.nanoTime();
      Failure why = attempt(transaction, attempt, untilNs);
      if (why == null) {
        brokers.heard(System.nanoTime());
        return;
      }
      HermesException reason =
          why.isFencing() ? fencing.explain(why.reason(), startedNs) : why.reason();
      Outcome outcome = settle(transaction, attempt, why, reason);
      boolean again =
          outcome instanceof Aborted
              && (why.action() == Action.ABORT || why.action() == Action.REPLACE)
              && reason.isRetryable()
              && !why.isFencing()
              && !producer.hasEnded()
              && System.nanoTime() - untilNs < 0;
      if (!again || !transaction.beginAgain()) {
        end(transaction, outcome);
        return;
      }
      LOG.info(
          "{}: a transaction was aborted and is retried: {}",
          producer.owner(),
          reason.getMessage());
      LockSupport.parkNanos(this, PAUSE_NS);
    }
  }

  /** Writes and commits; returns why that failed, or null if the transaction has ended. */
  private @Nullable Failure attempt(
      PendingTransaction transaction, TransactionAttempt attempt, long untilNs) {
    Failure why = attempt.send(producer.get());
    if (why != null) {
      return why;
    }
    if (!transaction.beginCommit()) { // its caller has given up
      if (producer.abort(System.nanoTime()) != null) {
        producer.discard(System.nanoTime());
      }
      return null;
    }
    attempt.commits();
    why = producer.commit(untilNs);
    if (why == null) {
      end(transaction, new Committed(attempt.receipts()));
      return null;
    }
    Failure first = attempt.failure();
    return first == null || why.isFencing() ? why : first;
  }

  /** Finds out how a transaction ended after a write or commit failed. */
  private Outcome settle(
      PendingTransaction transaction,
      TransactionAttempt attempt,
      Failure why,
      HermesException reason) {
    long lastNs = transaction.deadlineNs() - reserveNs / 5;
    boolean abortable = why.action() == Action.ABORT || why.action() == Action.REFUSE;
    if (abortable && producer.abort(System.nanoTime()) == null) {
      return new Aborted(reason); // a coordinator never aborts a committed transaction
    }
    boolean ended = producer.discard(lastNs);
    if (!attempt.commitWasSent() || (ended && !attempt.isAcknowledged())) {
      return new Aborted(reason);
    }
    CommitProbe.Answer answer = CommitProbe.Answer.UNKNOWN;
    if (prepare(lastNs) == null) { // the old producer is fenced, so its transaction has ended
      if (!attempt.isAcknowledged()) {
        return new Aborted(reason);
      }
      answer = probe.check(attempt.receipts(), lastNs);
    }
    LOG.warn(
        "{}: the commit of {} events got no response; the log says: {}. {}",
        producer.owner(),
        transaction.entries().size(),
        answer,
        reason.getMessage());
    return switch (answer) {
      case COMMITTED -> new Committed(attempt.receipts());
      case ABORTED -> new Aborted(reason);
      case UNKNOWN -> new Unknown(reason);
    };
  }

  /**
   * Aborts the waiting transactions immediately, and gives up the one being written at the
   * deadline. An interrupt ends the wait, and the flag stays set.
   */
  @Override
  public void close(long deadlineNs) {
    synchronized (this) {
      closed = true;
      for (PendingTransaction one = queue.poll(); one != null; one = queue.poll()) {
        giveUp(one, TransactionOutlet.closedReason());
      }
      PendingTransaction wake = new PendingTransaction(List.of(), System.nanoTime());
      wake.giveUp(TransactionOutlet.closedReason());
      queue.add(wake);
    }
    if (join(deadlineNs - System.nanoTime())) {
      return;
    }
    producer.endNow();
    if (!join(RESERVE_NS)) {
      LOG.warn("{}: Kafka's producer continues closing in the background", producer.owner());
    }
    PendingTransaction stuck = current;
    if (stuck != null) {
      stuck.giveUp(TransactionOutlet.closedReason());
    }
  }

  /** Waits for the thread to end; returns whether it has. */
  private boolean join(long waitNs) {
    try {
      thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(waitNs)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }
}
