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
 * A transaction between the caller that waits for it and the thread that writes it. Either side can
 * end it, once: the caller, whose time-out expires, and the writer, which has an outcome. Only the
 * writer knows whether a commit is on its way, so it says so before: what ends earlier is aborted.
 * Safe for any thread.
 */
final class PendingTransaction {

  /** How a transaction ended. */
  sealed interface Outcome permits Committed, Aborted, Unknown {}

  /** Its receipts, one for each event. */
  record Committed(List<Receipt> receipts) implements Outcome {}

  /** Why nothing of it is visible, or ever will be. */
  record Aborted(HermesException reason) implements Outcome {}

  /** Why nobody knows. */
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

  /** Once: its events and bytes are no longer the publisher's. */
  boolean countOff() {
    return counted.getAndSet(false);
  }

  /** When its caller stops waiting, as {@link System#nanoTime}. */
  long deadlineNs() {
    return deadlineNs;
  }

  /** Writer: the commit is about to be sent; false if the caller has left. */
  synchronized boolean beginCommit() {
    return move(Phase.WRITING, Phase.COMMITTING);
  }

  /**
   * Writer: the commit has failed for certain, and it writes again; false if the caller has left.
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

  /** Ends it, unless it has ended before. */
  synchronized void end(Outcome how) {
    if (phase != Phase.ENDED) {
      phase = Phase.ENDED;
      outcome.complete(how);
    }
  }

  /** Ends it where nobody waits for its outcome any longer, unless it has ended before. */
  synchronized void giveUp(HermesException why) {
    end(phase == Phase.WRITING ? new Aborted(why) : new Unknown(why));
  }

  /** Its outcome, if it has one by then. */
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
