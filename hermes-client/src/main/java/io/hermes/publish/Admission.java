package io.hermes.publish;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The budget of events that are on their way, in records and bytes, and the queue of callers before
 * it. An event that alone is larger than the budget passes when it is the only one.
 *
 * <p>Safe for any thread. Each of two atomic words holds records and bytes: what has entered, and
 * what has left since. The threads that end events write only the second one, and callers subtract
 * it from the first one when that shows no room. So an event costs its caller and Kafka's I/O
 * thread one atomic step each, and the two do not contend for a word.
 */
final class Admission {

  /** The most records that a word can count. */
  static final int MAX_RECORDS = (1 << 23) - 1;

  private static final int BYTES_BITS = 40;
  private static final long ONE_RECORD = 1L << BYTES_BITS;
  private static final long BYTES_MASK = ONE_RECORD - 1;

  // Far apart in memory, since different threads write them.
  private static final int ENTERED = 16;
  private static final int LEFT = 48;

  private final int maxRecords;
  private final long maxBytes;

  private final AtomicLongArray words = new AtomicLongArray(64);
  private final AtomicInteger waiting = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** All that wait have been woken, and none has looked again; written under the lock. */
  private volatile boolean woken;

  private volatile boolean closed;

  Admission(int maxRecords, long maxBytes) {
    this.maxRecords = maxRecords;
    this.maxBytes = maxBytes;
  }

  /** Enters if there is room. */
  boolean tryEnter(int bytes) {
    while (true) {
      long entered = words.get(ENTERED); // at least what is on its way
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

  private boolean fits(long onTheirWay, int bytes) {
    long records = onTheirWay >>> BYTES_BITS;
    return records < maxRecords && (records == 0 || (onTheirWay & BYTES_MASK) + bytes <= maxBytes);
  }

  /** Subtracts what has left. Only with the lock, so that both words otherwise only grow. */
  private boolean tryEnterExactly(int bytes) {
    while (true) {
      long entered = words.get(ENTERED);
      long left = words.get(LEFT);
      if (!fits(entered - left, bytes)) {
        if (words.get(ENTERED) == entered) {
          return false; // there was no room when the second word was read
        }
        continue;
      }
      words.addAndGet(LEFT, -left); // first: the other word must never be too small
      boolean isIn = words.compareAndSet(ENTERED, entered, entered - left + ONE_RECORD + bytes);
      if (!isIn) {
        words.addAndGet(ENTERED, -left);
      }
      // A thread that ended events between these steps saw less room than there was.
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
        woken = false; // before it looks: whoever leaves after that wakes it again
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

  /** Gives the room of events back. */
  void leave(int records, long bytes) {
    long left = words.addAndGet(LEFT, records * ONE_RECORD + bytes);
    if (waiting.get() > 0 && !woken && isRoomy(words.get(ENTERED) - left)) {
      wake();
    }
  }

  /** Waking a caller for each record would cost more than the record: an eighth must be free. */
  private boolean isRoomy(long onTheirWay) {
    return (onTheirWay >>> BYTES_BITS) <= maxRecords - maxRecords / 8
        && (onTheirWay & BYTES_MASK) <= maxBytes - maxBytes / 8;
  }

  /** Lets waiting callers look again. */
  private void wake() {
    lock.lock();
    try {
      woken = true;
      changed.signalAll();
    } finally {
      lock.unlock();
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
      while (true) {
        woken = false;
        if (onTheirWay() == 0) {
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

  /** Records and bytes of one moment. */
  private long onTheirWay() {
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
    return (int) (onTheirWay() >>> BYTES_BITS);
  }

  long bytes() {
    return onTheirWay() & BYTES_MASK;
  }
}
