package io.hermes.subscribe;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where a subscriber is between start and end. It only goes forward. Any thread asks for a step;
 * the poll thread takes it.
 */
final class Lifecycle {

  /** What the subscriber does. */
  sealed interface Phase {}

  /** Receives, or is paused. */
  record Running(boolean paused) implements Phase {}

  /** Handles what it has until then, and closes until the deadline. */
  record Draining(long untilNs, long deadlineNs) implements Phase {}

  /** Waits for those inside. */
  record Closing(long deadlineNs, @Nullable Throwable cause) implements Phase {}

  /** Over. */
  record Closed(@Nullable Throwable cause) implements Phase {}

  private volatile Phase phase = new Running(false); // written under this
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
   * @param cause why, if the subscriber ends by itself; the first one counts
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

  /** Only the poll thread, as the last thing it does. */
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
   * Waits for the end. An interrupt ends the waiting, not the closing, and is kept.
   *
   * @return whether the end came in time, and all handlers ended before it
   */
  boolean await(long timeoutNs) {
    try {
      boolean ended = inTime.get(Math.max(0, timeoutNs), TimeUnit.NANOSECONDS);
      while (!completion.isDone()) {
        Thread.onSpinWait(); // the poll thread's next step, before it runs what others hung on it
      }
      return ended;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // nobody completes it so
    }
  }
}
