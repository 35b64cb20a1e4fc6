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
 * counts from when it first sees a record with its handler, so that no handler has to say.
 */
final class Watchdog implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(HermesSubscriber.class);
  static final Duration DEFAULT_PATIENCE = Duration.ofMinutes(1);

  private final Workers workers;
  private final Events events;
  private final long patienceNs;
  private final Set<Task> named = Collections.newSetFromMap(new WeakHashMap<>());
  private Map<Task, Long> seenNs = Map.of();

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
    Map<Task, Long> handledNs = new HashMap<>();
    for (Worker worker : workers.working()) {
      Task task = worker.handling();
      Thread thread = worker.thread();
      if (task == null || thread == null) {
        continue;
      }
      long sinceNs = now - seenNs.getOrDefault(task, now);
      handledNs.put(task, now - sinceNs);
      if (sinceNs >= patienceNs && !named.contains(task)) {
        StackTraceElement[] stack = thread.getStackTrace();
        if (worker.handling() == task) {
          named.add(task);
          name(task, Duration.ofNanos(sinceNs), stack);
        }
      }
    }
    seenNs = handledNs;
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
    events.tell(listener -> listener.stuck(TaskRunner.recordOf(task), since, stack));
  }
}
