package io.hermes.subscribe;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names handlers that do not return, with their stack. Only the timer thread, again and again: it
 * counts from when it first sees an attempt at a record, so that no handler has to say.
 */
final class Watchdog implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");
  static final Duration DEFAULT_PATIENCE = Duration.ofMinutes(1);

  private final Workers workers;
  private final Events events;
  private final long patienceNs;
  private final Set<Task> named = Collections.newSetFromMap(new WeakHashMap<>());
  private Map<Task, Seen> seen = Map.of();

  /** An attempt, by the number of those that failed before it. */
  private record Seen(int failures, long sinceNs) {}

  Watchdog(Workers workers, Events events) {
    this(workers, events, DEFAULT_PATIENCE);
  }

  Watchdog(Workers workers, Events events, Duration patience) {
    this.workers = workers;
    this.events = events;
    this.patienceNs = patience.toNanos();
  }

  @Override
  public void run() {
    long now = System.nanoTime();
    Map<Task, Seen> handling = new HashMap<>();
    for (Worker worker : workers.working()) {
      Task task = worker.handling();
      Thread thread = worker.thread();
      if (task == null || thread == null) {
        continue;
      }
      Seen attempt = seen.get(task);
      if (attempt == null || attempt.failures != task.failures) {
        attempt = new Seen(task.failures, now);
      }
      handling.put(task, attempt);
      long sinceNs = now - attempt.sinceNs;
      if (sinceNs >= patienceNs && !named.contains(task)) {
        StackTraceElement[] stack = thread.getStackTrace();
        if (worker.handling() == task) {
          named.add(task);
          name(task, Duration.ofNanos(sinceNs), stack);
        }
      }
    }
    seen = handling;
  }

  private void name(Task task, Duration since, StackTraceElement[] stack) {
    StringBuilder where = new StringBuilder();
    for (StackTraceElement frame : stack) {
      where.append("\n\tat ").append(frame);
    }
    LOG.warn(
        "{} is being handled for {} s, and its handler is at{}",
        task,
        TimeUnit.NANOSECONDS.toSeconds(since.toNanos()),
        where);
    events.tell(listener -> listener.stuck(task.undecoded(), since, stack));
  }
}
