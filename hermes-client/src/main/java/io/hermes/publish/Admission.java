package io.hermes.publish;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The budget of events that are on their way, in records and bytes, and the queue of callers before
 * it. An event that alone is larger than the budget passes when it is the only one.
 *
 * <p>Safe for any thread. One atomic word holds both figures, so that an event that need not wait
 * costs one compare-and-set.
 */
final class Admission {

  /** The most records that the word can count. */
  static final int MAX_RECORDS = (1 << 23) - 1;

  private static final int BYTES_BITS = 40;
  private static final long ONE_RECORD = 1L << BYTES_BITS;
  private static final long BYTES_MASK = ONE_RECORD - 1;

  private final int maxRecords;
  private final long maxBytes;

  private final AtomicLong used = new AtomicLong();
  private final AtomicInteger waiting = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile boolean closed;

  Admission(int maxRecords, long maxBytes) {
    this.maxRecords = maxRecords;
    this.maxBytes = maxBytes;
  }

  /** Enters if there is room. */
  boolean tryEnter(int bytes) {
    while (true) {
      long now = used.get();
      long records = now >>> BYTES_BITS;
      long inFlight = now & BYTES_MASK;
      if (records >= maxRecords || (records > 0 && inFlight + bytes > maxBytes)) {
        return false;
      }
      if (used.compareAndSet(now, now + ONE_RECORD + bytes)) {
        return true;
      }
    }
  }

  /**
   * Enters, waiting for room.
   *
   * @return whether it entered; false when the time is over or the publisher was closed
   */
  boolean enter(int bytes, long timeoutNs) throws InterruptedException {
    if (tryEnter(bytes)) {
      return true;
    }
    // From here on whoever leaves looks for waiting callers after making room, and a caller looks
    // for room after saying that it waits: one of them sees the other.
    lock.lockInterruptibly();
    waiting.incrementAndGet();
    try {
      long left = timeoutNs;
      while (!closed) {
        if (tryEnter(bytes)) {
          return true;
        }
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return false;
    } finally {
      waiting.decrementAndGet();
      lock.unlock();
    }
  }

  /** Gives the room of events back. */
  void leave(int records, long bytes) {
    long left = used.addAndGet(-(records * ONE_RECORD + bytes));
    assert left >= 0 : "more has left than has entered";
    // Waking a caller for each record would cost more than the record: an eighth must be free.
    if (waiting.get() > 0
        && (left >>> BYTES_BITS) <= maxRecords - maxRecords / 8
        && (left & BYTES_MASK) <= maxBytes - maxBytes / 8) {
      wake();
    }
  }

  /** Lets waiting callers look again. */
  private void wake() {
    if (waiting.get() > 0) {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Sends all waiting callers away. */
  void close() {
    closed = true;
    wake();
  }

  /**
   * Waits until nothing is on its way.
   *
   * @return whether that is so
   */
  boolean awaitEmpty(long timeoutNs) throws InterruptedException {
    lock.lockInterruptibly();
    waiting.incrementAndGet();
    try {
      long left = timeoutNs;
      while (used.get() != 0) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      waiting.decrementAndGet();
      lock.unlock();
    }
  }

  int records() {
    return (int) (used.get() >>> BYTES_BITS);
  }

  long bytes() {
    return used.get() & BYTES_MASK;
  }
}
