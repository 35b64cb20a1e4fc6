package io.hermes.publish;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts events whose futures are not complete, so that a flush can wait for those accepted before
 * it while others keep coming: each flush cuts off the group of events so far and waits until it
 * and all earlier groups are empty.
 *
 * <p>Safe for any thread.
 */
final class Outstanding {

  /** Events between two flushes. */
  static final class Group {

    // Far apart in memory: callers count what enters, another thread what exits.
    private static final int ENTERED = 16;
    private static final int EXITED = 48;

    private final AtomicLongArray counts = new AtomicLongArray(64);

    private Group() {}

    /** Both only grow, and what has exited had entered: equal means that nothing is left. */
    private boolean isEmpty() {
      long exited = counts.get(EXITED); // first
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
      exit(group); // a flush was quicker: it does not wait for this event
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
   * @return whether all of them have ended; false when the time is over
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

  /** Forgets empty groups at the same time, so that their number stays small. */
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

  /** How many events have not ended. */
  int count() {
    lock.lock();
    try {
      return (int) (current.left() + cutOff.stream().mapToLong(Group::left).sum());
    } finally {
      lock.unlock();
    }
  }
}
