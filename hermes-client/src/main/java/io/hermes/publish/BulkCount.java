package io.hermes.publish;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the events of a bulk that have ended, against a total that is known only at its end.
 * Exactly one call, of either method, is told that it is the last. Safe for any thread.
 */
final class BulkCount {

  private static final long UNKNOWN = Long.MAX_VALUE;

  private final AtomicLong ended = new AtomicLong();
  private final AtomicBoolean over = new AtomicBoolean();
  private volatile long total = UNKNOWN;

  /** One event has ended; returns whether nothing is left to end. */
  boolean endsLast() {
    return ended.incrementAndGet() >= total && over.compareAndSet(false, true);
  }

  /** There are no more events than these; returns whether all of them have ended already. */
  boolean total(long events) {
    total = events;
    return ended.get() >= events && over.compareAndSet(false, true);
  }

  /** How many events there are; only for the one that was the last. */
  long total() {
    return total;
  }
}
