package io.hermes.subscribe;

import io.hermes.kafka.TransactionFailures.Step;
import io.hermes.subscribe.FlightEvents.Timed;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A commit in progress. The commit thread waits for the brokers and completes the result;
 * everything here is for the poll thread only.
 */
final class CommitCall {

  private final CompletableFuture<@Nullable NotCommitted> result;
  private final Timed recorded;

  /** The step of a commit that failed, and why. */
  record NotCommitted(Step step, Throwable cause) {}

  /**
   * Creates a call that has begun.
   *
   * @param result completes with null when the transaction is committed, never exceptionally
   * @param recorded the Flight Recorder event of this call
   */
  CommitCall(CompletableFuture<@Nullable NotCommitted> result, Timed recorded) {
    this.result = result;
    this.recorded = recorded;
  }

  boolean isOver() {
    return result.isDone();
  }

  /** Waits for the outcome. Returns false if the deadline or an interrupt comes first. */
  boolean await(long deadlineNs) {
    try {
      var unused = result.get(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The outcome, for this number of partitions; null if they are committed. */
  @Nullable NotCommitted end(int partitions) {
    NotCommitted failure = result.join();
    recorded.ended(failure == null ? "acknowledged" : "failed", partitions);
    return failure;
  }
}
