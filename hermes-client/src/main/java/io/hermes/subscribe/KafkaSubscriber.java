package io.hermes.subscribe;

import io.hermes.HermesException;
import io.hermes.kafka.Timeouts;
import io.hermes.subscribe.SubscriberHealth.State;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A subscriber before, during and after its run. */
final class KafkaSubscriber implements HermesSubscriber {

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

  private final Plan plan;
  private final CompletableFuture<Void> completion = new CompletableFuture<>(); // before the start
  private final ReentrantLock starting = new ReentrantLock();
  private volatile @Nullable RunningSubscriber running; // set once, while starting is held
  private volatile boolean closed;

  KafkaSubscriber(Plan plan) {
    this.plan = plan;
  }

  @Override
  public void start() {
    starting.lock();
    try {
      refuseIf(closed, "is closed");
      refuseIf(running != null, "was already started");
      RunningSubscriber begun = RunningSubscriber.start(plan);
      running = begun;
      var unused =
          begun
              .completion()
              .handle(
                  (done, failure) ->
                      failure == null
                          ? completion.complete(null)
                          : completion.completeExceptionally(failure));
      if (closed) {
        begun.close(CLOSE_TIMEOUT);
        refuseIf(true, "was closed while it started");
      }
    } finally {
      if (closed) {
        endUnstarted();
      }
      starting.unlock();
    }
  }

  private void refuseIf(boolean wrong, String why) {
    if (wrong) {
      throw new HermesException("The subscriber of group " + group() + " " + why + ".", null);
    }
  }

  private RunningSubscriber started() {
    RunningSubscriber now = running;
    if (now == null) {
      throw new HermesException(
          "The subscriber of group " + group() + " was not started.", "Call start() first.", null);
    }
    return now;
  }

  private String group() {
    return plan.config().group();
  }

  @Override
  public void pause() {
    started().pause();
  }

  @Override
  public void resume() {
    started().resume();
  }

  @Override
  public boolean drain(Duration timeout) {
    RunningSubscriber now = running;
    return now == null ? close(timeout) : now.drain(timeout);
  }

  @Override
  public boolean close(Duration timeout) {
    closed = true;
    RunningSubscriber now = running;
    return now == null ? closeUnstarted(timeout) : now.close(timeout);
  }

  /** Waits for a start on another thread, which then closes what it started. */
  private boolean closeUnstarted(Duration timeout) {
    try {
      if (!starting.tryLock(Timeouts.nanos(timeout), TimeUnit.NANOSECONDS)) {
        return false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    try {
      endUnstarted();
      return true;
    } finally {
      starting.unlock();
    }
  }

  /** Called while {@code starting} is held. */
  private void endUnstarted() {
    if (running == null) {
      plan.close();
      completion.complete(null);
    }
  }

  @Override
  public void close() {
    close(CLOSE_TIMEOUT);
  }

  @Override
  public void runUntilShutdown() {
    started().runUntilShutdown();
  }

  @Override
  public CompletableFuture<Void> completion() {
    RunningSubscriber now = running;
    return now == null ? completion.copy() : now.completion(); // done once close() returns
  }

  @Override
  public SubscriberHealth health() {
    RunningSubscriber now = running;
    return now == null ? SubscriberHealth.idle(closed ? State.CLOSED : State.NEW) : now.health();
  }

  @Override
  public SubscriberConfig config() {
    return plan.config();
  }

  @Override
  public String toString() {
    return "HermesSubscriber[" + group() + ", " + health().state() + "]";
  }
}
