package io.hermes.subscribe;

import io.hermes.kafka.TransactionFailures.Step;
import io.hermes.subscribe.FlightEvents.Timed;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A commit that waits for its answers on another thread. Only the poll thread looks at it. */
final class CommitCall {

  private final CompletableFuture<@Nullable NotCommitted> result;
  private final Timed recorded;

  /** Which step of a commit has failed, and how. */
  record NotCommitted(Step step, Throwable cause) {}

  /**
   * It has begun.
   *
   * @param result completes with null when it is committed, never with an exception
   * @param recorded from now on
   */
  CommitCall(CompletableFuture<@Nullable NotCommitted> result, Timed recorded) {
    this.result = result;
    this.recorded = recorded;
  }

  boolean isOver() {
    return result.isDone();
  }

  /** Waits for its end. Returns whether it came before the deadline. */
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

  /** How it has ended, for so many partitions; null if they are committed. */
  @Nullable NotCommitted end(int partitions) {
    NotCommitted failure = result.join();
    recorded.ended(failure == null ? "acknowledged" : "failed", partitions);
    return failure;
  }
}
