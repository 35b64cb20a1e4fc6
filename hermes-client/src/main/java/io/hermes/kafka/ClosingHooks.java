package io.hermes.kafka;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Runs the hooks of observers once their publisher or subscriber has closed, for example to remove
 * meters. Hooks are user code and may block, but close() must end within its deadline. Safe for any
 * thread.
 */
public final class ClosingHooks {

  /** The minimum wait for the hooks, even after the deadline. */
  private static final long SLACK_NS = TimeUnit.SECONDS.toNanos(1);

  private final String owner;
  private final Logger log;
  private final ObserverCalls calls;
  private final ConcurrentLinkedDeque<Runnable> hooks = new ConcurrentLinkedDeque<>();
  private volatile @Nullable Thread runner; // written once, under this
  private volatile @Nullable Runnable running; // written by the runner

  /**
   * Starts without any hooks.
   *
   * @param owner the publisher or subscriber, logged at the start of the line
   * @param log where a hook that does not return is logged
   * @param calls runs them
   */
  public ClosingHooks(String owner, Logger log, ObserverCalls calls) {
    this.owner = owner;
    this.log = log;
    this.calls = calls;
  }

  /** Adds a hook that runs before those added earlier; null if an observer has none. */
  public void add(@Nullable Runnable hook) {
    if (hook != null) {
      hooks.addFirst(hook);
    }
  }

  /**
   * Runs each hook once, however often this method is called, and waits for them. An interrupt ends
   * only the wait, and the flag stays set.
   *
   * @param deadlineNs when to stop waiting, as {@link System#nanoTime}; if that is within a second,
   *     it is extended to a second
   */
  public void run(long deadlineNs) {
    if (hooks.isEmpty() && runner == null) {
      return;
    }
    Thread thread = runner();
    boolean interrupted = Thread.interrupted();
    try {
      long leftNs = Math.max(SLACK_NS, deadlineNs - System.nanoTime());
      thread.join(TimeUnit.NANOSECONDS.toMillis(leftNs));
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Runnable stuck = running;
    if (stuck != null) {
      log.warn(
          "{}: {}, a closing hook of an observer, does not return; close() does not wait for"
              + " it",
          owner,
          stuck.getClass().getName());
    }
  }

  private synchronized Thread runner() {
    Thread thread = runner;
    if (thread == null) {
      thread = new Thread(this::runAll, "hermes-closing-hooks");
      thread.setDaemon(true);
      thread.start();
      runner = thread;
    }
    return thread;
  }

  private void runAll() {
    for (Runnable hook = hooks.poll(); hook != null; hook = hooks.poll()) {
      running = hook;
      calls.call(hook, Runnable::run);
      running = null;
    }
  }
}
