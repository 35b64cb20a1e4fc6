package io.hermes.publish;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the ended events of a bulk against a total that is known only once the bulk takes no more
 * events. Exactly one call, of either method, returns true. Safe for any thread.
 */
final class BulkCount {

  private static final long UNKNOWN = Long.MAX_VALUE;

  private final AtomicLong ended = new AtomicLong();
  private final AtomicBoolean over = new AtomicBoolean();
  private volatile long total = UNKNOWN;

  /** Counts one ended event; returns whether it was the last. */
  boolean endsLast() {
    return ended.incrementAndGet() >= total && over.compareAndSet(false, true);
  }

  /** Sets the total; returns whether all events have already ended. */
  boolean total(long events) {
    total = events;
    return ended.get() >= events && over.compareAndSet(false, true);
  }

  /** The number of events; only after a call returned true. */
  long total() {
    return total;
  }
}
