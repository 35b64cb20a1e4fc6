package io.hermes.subscribe;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Finished records on their way to the poll thread. Any thread adds records; the poll thread takes
 * all of them at once, and may ask to be woken after a number of them.
 *
 * <p>A lock-free stack, linked through the records themselves. It is only ever emptied as a whole,
 * so there is no ABA problem.
 */
final class Completions {

  private final AtomicReference<@Nullable WorkItem> top = new AtomicReference<>();
  private final AtomicInteger untilAlarm = new AtomicInteger();
  private final Runnable wakeUp;

  Completions(Runnable wakeUp) {
    this.wakeUp = wakeUp;
  }

  void add(WorkItem item) {
    WorkItem below;
    do {
      below = top.get();
      item.below = below;
    } while (!top.compareAndSet(below, item));
    if (untilAlarm.get() > 0 && untilAlarm.decrementAndGet() == 0) {
      wakeUp.run();
    }
  }

  /** Any thread: wakes the poll thread if it asked to be woken, however few records were added. */
  void alarm() {
    if (untilAlarm.getAndSet(0) > 0) {
      wakeUp.run();
    }
  }

  /** Poll thread only: the last record, linked to the earlier ones; null if there is none. */
  @Nullable WorkItem takeAll() {
    return top.get() == null ? null : top.getAndSet(null);
  }

  /**
   * Poll thread only, before it waits.
   *
   * @param count after how many added records the thread is woken; 0 for never
   * @return whether there are records already
   */
  boolean alarmAfter(long count) {
    untilAlarm.set((int) Math.min(count, Integer.MAX_VALUE));
    return count > 0 && top.get() != null;
  }
}
