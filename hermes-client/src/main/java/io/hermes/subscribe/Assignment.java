package io.hermes.subscribe;

import io.hermes.Fault;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.TopicPartition;

/**
 * One partition for as long as this member has it: the gate that every handling of its records goes
 * through. The poll thread makes and closes it; any thread enters and leaves.
 *
 * <p>Entering and closing are one atomic step each on the same number, so nobody enters once it is
 * closed, and the poll thread knows who is still inside. A partition that comes back is another
 * assignment with a higher epoch: what belonged to the old one has no effect on it.
 */
final class Assignment implements Comparable<Assignment> {

  private static final int CLOSED = Integer.MIN_VALUE;

  private final TopicPartition partition;
  private final long epoch;
  private final Thread pollThread;
  private final Deadline deadline = new Deadline();
  private final AtomicInteger gate = new AtomicInteger(); // the count inside; negative once closed
  private final AtomicInteger parked = new AtomicInteger();
  private final AtomicInteger waitingDeadLetters = new AtomicInteger();
  private final NavigableMap<Long, Fault> unwritten = new TreeMap<>(); // guarded by itself
  private volatile boolean expired;

  Assignment(TopicPartition partition, long epoch, Thread pollThread) {
    this.partition = partition;
    this.epoch = epoch;
    this.pollThread = pollThread;
  }

  TopicPartition partition() {
    return partition;
  }

  /** For handlers: until when they may take. */
  Deadline deadline() {
    return deadline;
  }

  /** Whoever is let in calls {@link #leave()} once. */
  boolean tryEnter() {
    while (true) {
      int now = gate.get();
      if (now < 0) {
        return false;
      }
      if (gate.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  /** What the one inside has to report is in the completions by now. */
  void leave() {
    int inside = gate.decrementAndGet();
    assert inside != -1 && inside != Integer.MAX_VALUE : "more have left than have entered";
    if (inside == CLOSED) {
      LockSupport.unpark(pollThread);
    }
  }

  /** Nobody enters any more. */
  void close() {
    gate.updateAndGet(now -> now | CLOSED);
  }

  /** Once it is closed: until when those inside may take. */
  void endAt(long deadlineNs) {
    deadline.set(deadlineNs);
  }

  boolean isClosed() {
    return gate.get() < 0;
  }

  int inside() {
    return gate.get() & ~CLOSED;
  }

  /** The deadline is over: what those still inside report is dropped. */
  void expire() {
    expired = true;
  }

  boolean isExpired() {
    return expired;
  }

  /** How many of its keys wait for a retry. */
  AtomicInteger parked() {
    return parked;
  }

  /** How many of its records are to be dead letters and are not acknowledged as such. */
  AtomicInteger waitingDeadLetters() {
    return waitingDeadLetters;
  }

  /** Those of them that could not be written yet, by offset, and why. Guarded by itself. */
  NavigableMap<Long, Fault> unwrittenDeadLetters() {
    return unwritten;
  }

  @Override
  public int compareTo(Assignment other) {
    return Long.compare(epoch, other.epoch);
  }

  @Override
  public String toString() {
    return partition + " (epoch " + epoch + ")";
  }
}
