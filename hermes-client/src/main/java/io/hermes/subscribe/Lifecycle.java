package io.hermes.subscribe;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The phase of a subscriber, which only moves forward. Any thread may request a step; the poll
 * thread acts on it.
 */
final class Lifecycle {

  /** What the subscriber is doing. */
  sealed interface Phase {}

  /** Fetches records, or is paused. */
  record Running(boolean paused) implements Phase {}

  /** Handles received records until {@code untilNs}, then closes by the deadline. */
  record Draining(long untilNs, long deadlineNs) implements Phase {}

  /** Waits for running handlers. */
  record Closing(long deadlineNs, @Nullable Throwable cause) implements Phase {}

  /** Closed or failed. */
  record Closed(@Nullable Throwable cause) implements Phase {}

  private volatile Phase phase = new Running(false); // written while synchronized on this
  private final CompletableFuture<Void> completion = new CompletableFuture<>();
  private final CompletableFuture<Boolean> inTime = new CompletableFuture<>();
  private final Runnable wakeUp;

  Lifecycle(Runnable wakeUp) {
    this.wakeUp = wakeUp;
  }

  Phase phase() {
    return phase;
  }

  void pause(boolean paused) {
    step(now -> now instanceof Running ? new Running(paused) : now);
  }

  void drain(long untilNs, long deadlineNs) {
    step(now -> now instanceof Running ? new Draining(untilNs, deadlineNs) : now);
  }

  /**
   * Begins to close.
   *
   * @param cause the failure that ends the subscriber; null for a close. The first failure counts
   */
  void close(long deadlineNs, @Nullable Throwable cause) {
    step(
        now -> {
          if (now instanceof Closed) {
            return now;
          }
          if (now instanceof Closing closing) {
            return new Closing(closing.deadlineNs, closing.cause == null ? cause : closing.cause);
          }
          return new Closing(deadlineNs, cause);
        });
  }

  /** Poll thread only, as its last step. */
  void closed(boolean handlersEndedInTime) {
    Throwable cause;
    synchronized (this) {
      cause = phase instanceof Closing closing ? closing.cause() : null;
      phase = new Closed(cause);
    }
    inTime.complete(handlersEndedInTime);
    if (cause == null) {
      completion.complete(null);
    } else {
      completion.completeExceptionally(cause);
    }
  }

  private void step(UnaryOperator<Phase> step) {
    synchronized (this) {
      phase = step.apply(phase);
    }
    wakeUp.run();
  }

  CompletableFuture<Void> completion() {
    return completion;
  }

  /**
   * Waits for the close to finish. An interrupt ends the wait, not the close, and is preserved.
   *
   * @return whether it finished in time, and all handlers had ended in time
   */
  boolean await(long timeoutNs) {
    try {
      boolean ended = inTime.get(Math.max(0, timeoutNs), TimeUnit.NANOSECONDS);
      while (!completion.isDone()) {
        Thread.onSpinWait(); // completed right after inTime, before its dependents run
      }
      return ended;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // never completed exceptionally
    }
  }
}
