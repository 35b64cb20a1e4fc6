package io.hermes.subscribe;

import java.time.Duration;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Names handlers that do not return, with their stack. Only the timer thread. */
final class Watchdog implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(HermesSubscriber.class);
  static final Duration DEFAULT_PATIENCE = Duration.ofMinutes(1);

  private final Workers workers;
  private final Events events;
  private final long patienceNs;
  private final Map<Task, Boolean> named = new WeakHashMap<>();

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
    for (Worker worker : workers.working()) {
      Task task = worker.handling();
      Thread thread = worker.thread();
      long sinceNs = System.nanoTime() - worker.startedNs();
      if (task != null && thread != null && sinceNs >= patienceNs && !named.containsKey(task)) {
        StackTraceElement[] stack = thread.getStackTrace();
        if (worker.handling() == task) {
          named.put(task, true);
          name(task, Duration.ofNanos(sinceNs), stack);
        }
      }
    }
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
