package io.hermes.publish;

import io.hermes.HermesException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A transaction, shared by the caller that waits for it and the thread that writes it. Either side
 * can end it, once: the caller when its timeout expires, the writer when it has an outcome. The
 * writer marks the transaction before it commits, so one given up before that mark is aborted. Safe
 * for any thread.
 */
final class PendingTransaction {

  /** How a transaction ended. */
  sealed interface Outcome permits Committed, Aborted, Unknown {}

  /** Committed, with a receipt for each event. */
  record Committed(List<Receipt> receipts) implements Outcome {}

  /** Aborted: none of its events is or will be visible. */
  record Aborted(HermesException reason) implements Outcome {}

  /** May or may not have been committed. */
  record Unknown(HermesException reason) implements Outcome {}

  private enum Phase {
    WRITING,
    COMMITTING,
    ENDED
  }

  private final List<TransactionDraft.Entry> entries;
  private final long bytes;
  private final long deadlineNs;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private final AtomicBoolean counted = new AtomicBoolean(true);
  private Phase phase = Phase.WRITING; // guarded by this

  PendingTransaction(List<TransactionDraft.Entry> entries, long deadlineNs) {
    this.entries = entries;
    this.deadlineNs = deadlineNs;
    this.bytes =
        entries.stream()
            .mapToLong(one -> Math.max(0, one.keyBytes()) + Math.max(0, one.valueBytes()))
            .sum();
  }

  List<TransactionDraft.Entry> entries() {
    return entries;
  }

  /** The size of its keys and values. */
  long bytes() {
    return bytes;
  }

  /** Whether to remove it from the publisher's counts; true only for the first call. */
  boolean countOff() {
    return counted.getAndSet(false);
  }

  /** When its caller stops waiting, as {@link System#nanoTime}. */
  long deadlineNs() {
    return deadlineNs;
  }

  /** Called by the writer before it sends the commit; false if the caller has given up. */
  synchronized boolean beginCommit() {
    return move(Phase.WRITING, Phase.COMMITTING);
  }

  /**
   * Called by the writer before it retries a transaction that was definitely aborted; false if the
   * caller has given up.
   */
  synchronized boolean beginAgain() {
    return phase == Phase.WRITING || move(Phase.COMMITTING, Phase.WRITING);
  }

  private boolean move(Phase from, Phase to) {
    if (phase != from) {
      return false;
    }
    phase = to;
    return true;
  }

  synchronized boolean isEnded() {
    return phase == Phase.ENDED;
  }

  /** Ends it, unless it has already ended. */
  synchronized void end(Outcome how) {
    if (phase != Phase.ENDED) {
      phase = Phase.ENDED;
      outcome.complete(how);
    }
  }

  /**
   * Ends it, unless it has already ended, as aborted; as unknown if the commit may have been sent.
   */
  synchronized void giveUp(HermesException why) {
    end(phase == Phase.WRITING ? new Aborted(why) : new Unknown(why));
  }

  /** Waits for the outcome; null if there is none by then. */
  @Nullable Outcome await(long untilNs) throws InterruptedException {
    try {
      return outcome.get(Math.max(0, untilNs - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // never completed with an exception
    }
  }

  /** Its outcome, once it has ended. */
  Outcome outcome() {
    return outcome.join();
  }
}
