package io.hermes.subscribe;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Finished records on their way to the poll thread. Any thread adds one; the poll thread takes all
 * at once, and may ask to be woken after so many.
 *
 * <p>A stack that is linked through the records themselves. It is only ever emptied as a whole, so
 * none of it can come back while somebody looks at it; their order does not matter.
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

  /** Any thread: wakes the poll thread if it may be woken, whatever has finished. */
  void alarm() {
    if (untilAlarm.getAndSet(0) > 0) {
      wakeUp.run();
    }
  }

  /** Only the poll thread: the last one, with the others below it; null if there is none. */
  @Nullable WorkItem takeAll() {
    return top.get() == null ? null : top.getAndSet(null);
  }

  /**
   * Only the poll thread, before it waits.
   *
   * @param count how many have to be added for it to be woken; 0 for never
   * @return whether there are some already
   */
  boolean alarmAfter(long count) {
    untilAlarm.set((int) Math.min(count, Integer.MAX_VALUE));
    return count > 0 && top.get() != null;
  }
}
