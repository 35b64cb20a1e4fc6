package io.hermes.publish;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts events whose futures are not complete, so that a flush can wait for earlier events while
 * new ones arrive. Each flush closes the current group of events, and waits until that group and
 * all earlier ones are empty.
 *
 * <p>Safe for any thread.
 */
final class Outstanding {

  /** Events between two flushes. */
  static final class Group {

    // Far apart in memory to avoid false sharing: callers count entries, another thread exits.
    private static final int ENTERED = 16;
    private static final int EXITED = 48;

    private final AtomicLongArray counts = new AtomicLongArray(64);

    private Group() {}

    /** Both counts only grow, and every exit follows its entry: if they are equal, none is left. */
    private boolean isEmpty() {
      long exited = counts.get(EXITED); // must be read first
      return exited == counts.get(ENTERED);
    }

    private long left() {
      long exited = counts.get(EXITED);
      return counts.get(ENTERED) - exited;
    }
  }

  private volatile Group current = new Group(); // written under the lock
  private final ArrayDeque<Group> cutOff = new ArrayDeque<>(); // guarded by the lock
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition emptied = lock.newCondition();

  /** Counts one event. */
  Group enter() {
    while (true) {
      Group group = current;
      group.counts.incrementAndGet(Group.ENTERED);
      if (group == current) {
        return group;
      }
      exit(group); // a flush closed the group first, and does not wait for this event
    }
  }

  /** Ends what {@link #enter()} began. */
  void exit(Group group) {
    group.counts.incrementAndGet(Group.EXITED);
    if (group != current && group.isEmpty()) {
      lock.lock();
      try {
        emptied.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Waits for all events that entered before this call.
   *
   * @return whether all of them have ended; false if the timeout expired first
   */
  boolean await(long timeoutNs) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Group last = current;
      cutOff.add(last);
      current = new Group();
      long left = timeoutNs;
      while (!isEmptyUpTo(last)) {
        if (left <= 0) {
          return false;
        }
        left = emptied.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Also removes empty groups, so that their number stays small. */
  private boolean isEmptyUpTo(Group last) {
    for (Iterator<Group> groups = cutOff.iterator(); groups.hasNext(); ) {
      Group group = groups.next();
      if (!group.isEmpty()) {
        return false;
      }
      groups.remove();
      if (group == last) {
        return true;
      }
    }
    return true; // another flush has removed it
  }

  /** The number of events that have not ended. */
  int count() {
    lock.lock();
    try {
      return (int) (current.left() + cutOff.stream().mapToLong(Group::left).sum());
    } finally {
      lock.unlock();
    }
  }
}
