package io.hermes.publish;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The budget of in-flight events, in records and bytes, and the callers that wait for room. An
 * event larger than the whole budget is admitted when nothing else is in flight.
 *
 * <p>Safe for any thread. Each of two atomic words holds records and bytes: one counts what has
 * entered, the other what has left since. Threads that end events write only the second word.
 * Callers subtract it from the first when the first shows no room. So an event costs its caller and
 * Kafka's I/O thread one atomic operation each, and the two threads do not contend for a word.
 */
final class Admission {

  /** The maximum number of records that a word can count. */
  static final int MAX_RECORDS = (1 << 23) - 1;

  private static final int BYTES_BITS = 40;
  private static final long ONE_RECORD = 1L << BYTES_BITS;
  private static final long BYTES_MASK = ONE_RECORD - 1;

  // Far apart in memory to avoid false sharing: different threads write them.
  private static final int ENTERED = 16;
  private static final int LEFT = 48;

  private final int maxRecords;
  private final long maxBytes;

  private final AtomicLongArray words = new AtomicLongArray(64);
  private final AtomicInteger waiting = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** All waiters have been woken and none has checked again yet; written under the lock. */
  private volatile boolean woken;

  private volatile boolean closed;

  Admission(int maxRecords, long maxBytes) {
    this.maxRecords = maxRecords;
    this.maxBytes = maxBytes;
  }

  /** Enters if there is room. */
  boolean tryEnter(int bytes) {
    while (true) {
      long entered = words.get(ENTERED); // at least what is in flight
      if (!fits(entered, bytes)) {
        lock.lock();
        try {
          return tryEnterExactly(bytes);
        } finally {
          lock.unlock();
        }
      }
      if (words.compareAndSet(ENTERED, entered, entered + ONE_RECORD + bytes)) {
        return true;
      }
    }
  }

  private boolean fits(long inFlight, int bytes) {
    long records = inFlight >>> BYTES_BITS;
    return records < maxRecords && (records == 0 || (inFlight & BYTES_MASK) + bytes <= maxBytes);
  }

  /** Subtracts what has left. Requires the lock; all code that runs without it only adds. */
  private boolean tryEnterExactly(int bytes) {
    while (true) {
      long entered = words.get(ENTERED);
      long left = words.get(LEFT);
      if (!fits(entered - left, bytes)) {
        if (words.get(ENTERED) == entered) {
          return false; // the words are consistent: there was no room
        }
        continue;
      }
      words.addAndGet(LEFT, -left); // first, so that the other word is never too small
      boolean isIn = words.compareAndSet(ENTERED, entered, entered - left + ONE_RECORD + bytes);
      if (!isIn) {
        words.addAndGet(ENTERED, -left);
      }
      // A thread that ended events between these steps saw too little room and woke no caller.
      if (waiting.get() > 0 && isRoomy(words.get(ENTERED) - words.get(LEFT))) {
        changed.signalAll();
      }
      if (isIn) {
        return true;
      }
    }
  }

  /**
   * Enters, waiting for room.
   *
   * @return whether it entered; false if the timeout expired or the publisher was closed
   */
  boolean enter(int bytes, long timeoutNs) throws InterruptedException {
    if (tryEnter(bytes)) {
      return true;
    }
    // leave() makes room and then checks for waiters; a caller counts itself as a waiter and then
    // checks for room. So at least one of them sees the other.
    lock.lockInterruptibly();
    waiting.incrementAndGet();
    try {
      long left = timeoutNs;
      while (!closed) {
        woken = false; // before the check: a later leave() wakes it again
        if (tryEnterExactly(bytes)) {
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

  /** Releases the room of events. */
  void leave(int records, long bytes) {
    long left = words.addAndGet(LEFT, records * ONE_RECORD + bytes);
    if (waiting.get() > 0 && !woken && isRoomy(words.get(ENTERED) - left)) {
      wake();
    }
  }

  /** Whether an eighth is free: waking a caller for each record would cost more than the record. */
  private boolean isRoomy(long inFlight) {
    return (inFlight >>> BYTES_BITS) <= maxRecords - maxRecords / 8
        && (inFlight & BYTES_MASK) <= maxBytes - maxBytes / 8;
  }

  /** Wakes the waiting callers, which check again. */
  private void wake() {
    lock.lock();
    try {
      woken = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Makes all waiting callers return without entering. */
  void close() {
    closed = true;
    wake();
  }

  /**
   * Waits until nothing is in flight.
   *
   * @return false if the timeout expired first
   */
  boolean awaitEmpty(long timeoutNs) throws InterruptedException {
    lock.lockInterruptibly();
    waiting.incrementAndGet();
    try {
      long left = timeoutNs;
      while (true) {
        woken = false;
        if (inFlight() == 0) {
          return true;
        }
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      waiting.decrementAndGet();
      lock.unlock();
    }
  }

  /** A consistent snapshot of the records and bytes in flight. */
  private long inFlight() {
    lock.lock();
    try {
      while (true) {
        long entered = words.get(ENTERED);
        long left = words.get(LEFT);
        if (words.get(ENTERED) == entered) {
          return entered - left;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  int records() {
    return (int) (inFlight() >>> BYTES_BITS);
  }

  long bytes() {
    return inFlight() & BYTES_MASK;
  }
}
