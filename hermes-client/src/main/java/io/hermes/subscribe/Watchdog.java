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
 * Logs handlers that do not return, with their stack. Runs periodically on the timer thread. It
 * measures from when it first sees an attempt, so workers need not record a start time.
 */
final class Watchdog implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");
  static final Duration DEFAULT_PATIENCE = Duration.ofMinutes(1);

  private final String group;
  private final Workers workers;
  private final Observers observers;
  private final long patienceNs;
  private final Set<WorkItem> named = Collections.newSetFromMap(new WeakHashMap<>());
  private Map<WorkItem, Seen> seen = Map.of();

  /** An attempt, identified by the number of failures before it. */
  private record Seen(int failures, long sinceNs) {}

  Watchdog(String group, Workers workers, Observers observers) {
    this(group, workers, observers, DEFAULT_PATIENCE);
  }

  Watchdog(String group, Workers workers, Observers observers, Duration patience) {
    this.group = group;
    this.workers = workers;
    this.observers = observers;
    this.patienceNs = patience.toNanos();
  }

  @Override
  public void run() {
    long now = System.nanoTime();
    Map<WorkItem, Seen> handling = new HashMap<>();
    for (Worker worker : workers.working()) {
      WorkItem item = worker.handling();
      Thread thread = worker.thread();
      if (item == null || thread == null) {
        continue;
      }
      Seen attempt = seen.get(item);
      if (attempt == null || attempt.failures != item.failures) {
        attempt = new Seen(item.failures, now);
      }
      handling.put(item, attempt);
      long sinceNs = now - attempt.sinceNs;
      if (sinceNs >= patienceNs && !named.contains(item)) {
        StackTraceElement[] stack = thread.getStackTrace();
        if (worker.handling() == item) {
          named.add(item);
          name(item, Duration.ofNanos(sinceNs), stack);
        }
      }
    }
    seen = handling;
  }

  private void name(WorkItem item, Duration since, StackTraceElement[] stack) {
    StringBuilder where = new StringBuilder();
    for (StackTraceElement frame : stack) {
      where.append("\n\tat ").append(frame);
    }
    LOG.warn(
        "Group {}: {} has been in its handler for {} s; stack:{}",
        group,
        item,
        TimeUnit.NANOSECONDS.toSeconds(since.toNanos()),
        where);
    observers.report(listener -> listener.stuck(item.undecoded(), since, stack));
  }
}
