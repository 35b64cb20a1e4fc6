package io.hermes.subscribe;

import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.codec.NativeLibrary;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.Thrown;
import io.hermes.kafka.Timeouts;
import io.hermes.subscribe.Lifecycle.Closed;
import io.hermes.subscribe.Lifecycle.Closing;
import io.hermes.subscribe.Lifecycle.Draining;
import io.hermes.subscribe.Lifecycle.Phase;
import io.hermes.subscribe.Lifecycle.Running;
import io.hermes.subscribe.SubscriberHealth.State;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A started subscriber: its poll thread, and the entry point for all other threads. */
final class RunningSubscriber {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
  private static final long LONGEST_RESERVE_NS = TimeUnit.SECONDS.toNanos(3);
  private static final long SLACK_NS = TimeUnit.SECONDS.toNanos(1);

  private final Startup startup;
  private final Assembly assembly;
  private final Lifecycle lifecycle;
  private final Thread pollThread;
  private volatile boolean closeRequested; // by the user

  private RunningSubscriber(Plan plan, Startup startup) {
    this.startup = startup;
    this.assembly = new Assembly(plan, startup.resources());
    this.lifecycle = assembly.lifecycle();
    this.pollThread = new Thread(this::run, "hermes-poll-" + assembly.group());
  }

  static RunningSubscriber start(Plan plan) {
    Startup startup = Startup.of(plan);
    RunningSubscriber subscriber = new RunningSubscriber(plan, startup);
    subscriber.open();
    startup.begin(subscriber.assembly.rebalance(), subscriber.assembly.watchdog());
    subscriber.assembly.wakesUp(subscriber.pollThread);
    subscriber.assembly.observers().started(startup.clientId(), subscriber::health);
    subscriber.pollThread.start();
    return subscriber;
  }

  /** Closes everything if it fails, since the poll thread has not started yet. */
  private void open() {
    try {
      assembly.committer().open();
    } catch (RuntimeException | Error e) {
      assembly.failureLog().close();
      assembly.member().close(Duration.ZERO);
      startup.close();
      throw e;
    }
  }

  /** The poll thread. */
  private void run() {
    try {
      boolean another = true;
      while (another) {
        another = assembly.loop().runOnce();
      }
    } catch (Throwable t) {
      lifecycle.close(System.nanoTime() + CLOSE_TIMEOUT.toNanos(), fatal(t));
    }
    boolean inTime = false;
    try {
      inTime = shutDown();
    } catch (Throwable t) {
      String group = assembly.group();
      Thrown.log(
          "Group " + group,
          () -> LOG.warn("Group {}: the subscriber did not close cleanly", group, t));
    } finally {
      boolean failed = lifecycle.phase() instanceof Closing closing && closing.cause() != null;
      if (failed) {
        assembly.observers().measured(); // shows the state FAILED, without partitions
      }
      if (!failed || closeRequested) {
        endObservation();
      }
      lifecycle.closed(inTime);
      if (failed && closeRequested) {
        endObservation(); // in case close() was called just now
      }
    }
  }

  /**
   * Runs the closing hooks of observers. A failed subscriber keeps its gauges until {@code close},
   * so that the failure remains visible.
   */
  private void endObservation() {
    long nowNs = System.nanoTime();
    long deadlineNs = lifecycle.phase() instanceof Closing closing ? closing.deadlineNs() : nowNs;
    assembly.observers().closed(deadlineNs);
  }

  private HermesException fatal(Throwable cause) {
    if (cause instanceof KafkaException) {
      return KafkaFailures.translate(cause, assembly.where(), null);
    }
    SettingsException unusable = NativeLibrary.explain(cause);
    if (unusable != null) {
      return unusable;
    }
    return cause instanceof HermesException known
        ? known
        : new HermesException("The subscriber of group " + assembly.group() + " ended.", cause);
  }

  /** Ends the handlers first, then commits their offsets, then leaves the group. */
  private boolean shutDown() {
    long startNs = System.nanoTime();
    long deadlineNs = startNs;
    if (lifecycle.phase() instanceof Closing closing) {
      deadlineNs = closing.deadlineNs();
      if (closing.cause() != null) {
        String group = assembly.group();
        Thrown.log(
            "Group " + group,
            () ->
                LOG.error(
                    "Group {}: the subscriber is stopping because of an error",
                    group,
                    closing.cause()));
      }
    }
    long leftNs = Math.max(0, deadlineNs - System.nanoTime());
    long reserveNs = Math.min(LONGEST_RESERVE_NS, leftNs / 4);
    long producersUntilNs = deadlineNs - reserveNs / 4; // the rest is for leaving the group
    boolean inTime = false;
    try {
      inTime = assembly.rebalance().giveUpAll(deadlineNs - reserveNs, deadlineNs - reserveNs / 2);
    } finally {
      assembly.committer().close(producersUntilNs);
      assembly.deadLetters().close(left(producersUntilNs));
      assembly.failureLog().close();
      assembly.member().close(left(deadlineNs));
      startup.close();
      LOG.info(
          "Group {}: subscriber closed in {} ms; records handled: {}",
          assembly.group(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs),
          assembly.counters().handled.sum());
    }
    return inTime;
  }

  private static Duration left(long deadlineNs) {
    return Duration.ofNanos(Math.max(0, deadlineNs - System.nanoTime()));
  }

  void pause() {
    lifecycle.pause(true);
  }

  void resume() {
    lifecycle.pause(false);
  }

  boolean drain(Duration timeout) {
    long now = System.nanoTime();
    // The reserve is for running handlers, the commit and leaving the group.
    long timeoutNs = Timeouts.nanos(timeout);
    long reserveNs = Math.min(2 * LONGEST_RESERVE_NS, timeoutNs / 4);
    closeRequested = true;
    lifecycle.drain(now + timeoutNs - reserveNs, now + timeoutNs);
    return awaitUnlessInside(timeout);
  }

  boolean close(Duration timeout) {
    closeRequested = true;
    lifecycle.close(System.nanoTime() + Timeouts.nanos(timeout), null);
    return awaitUnlessInside(timeout);
  }

  void close() {
    close(CLOSE_TIMEOUT);
  }

  private boolean awaitUnlessInside(Duration timeout) {
    if (Thread.currentThread() == pollThread || assembly.workers().isCalling()) {
      return false; // it would wait for itself
    }
    boolean inTime = lifecycle.await(Timeouts.nanos(timeout) + SLACK_NS);
    if (lifecycle.phase() instanceof Closed closed && closed.cause() != null) {
      endObservation();
    }
    return inTime;
  }

  void runUntilShutdown() {
    Thread hook = new Thread(this::close, "hermes-shutdown-" + assembly.group());
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      close();
    }
    try {
      lifecycle.completion().get();
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw fatal(e.getCause() == null ? e : e.getCause());
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException shuttingDown) {
        LOG.trace("The hook is running", shuttingDown);
      }
    }
  }

  CompletableFuture<Void> completion() {
    return lifecycle.completion().copy();
  }

  SubscriberHealth health() {
    return assembly.health().read(state(), assembly.faults().current(), assembly.sinceResponse());
  }

  private State state() {
    Phase phase = lifecycle.phase();
    if (phase instanceof Running running) {
      return running.paused() ? State.PAUSED : State.RUNNING;
    }
    if (phase instanceof Draining) {
      return State.DRAINING;
    }
    if (phase instanceof Closing closing) {
      return closing.cause() == null ? State.CLOSING : State.FAILED;
    }
    return ((Closed) phase).cause() == null ? State.CLOSED : State.FAILED;
  }

  @Override
  public String toString() {
    return "HermesSubscriber[" + assembly.group() + ", " + state() + "]";
  }
}
