package io.hermes.subscribe;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Finished records on their way to the poll thread. Any thread adds; the poll thread takes, and may
 * ask to be woken when so many wait.
 */
final class Completions {

  private static final int NEVER = -1;

  private final ConcurrentLinkedQueue<Task> finished = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Runnable wakeUp;
  private volatile int alarm = NEVER;

  /** Made by the poll thread's owner. */
  Completions(Runnable wakeUp) {
    this.wakeUp = wakeUp;
  }

  void add(Task task) {
    finished.add(task);
    if (waiting.incrementAndGet() == alarm) {
      wakeUp.run();
    }
  }

  /** Only the poll thread. Null if there is none. */
  @Nullable Task poll() {
    Task task = finished.poll();
    if (task != null) {
      waiting.decrementAndGet();
    }
    return task;
  }

  /**
   * Only the poll thread, before it waits.
   *
   * @param count how many have to wait for it to be woken; 0 for never
   * @return whether so many wait already
   */
  boolean alarmAt(long count) {
    alarm = count == 0 ? NEVER : (int) Math.min(count, Integer.MAX_VALUE);
    return count > 0 && waiting.get() >= count;
  }
}
