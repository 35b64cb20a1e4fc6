package io.hermes.subscribe;

import io.hermes.Fault;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.TopicPartition;

/**
 * One partition for as long as this member owns it: the gate through which its records pass to be
 * handled. The poll thread creates and closes it; any thread enters and leaves.
 *
 * <p>Entering and closing are atomic operations on the same number, so no record enters a closed
 * gate, and the poll thread knows how many are still inside. A partition that is assigned again
 * gets a new assignment with a higher epoch, which completions of the old one do not affect.
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

  /** The deadline of its handlers. */
  Deadline deadline() {
    return deadline;
  }

  /** If this returns true, the caller has to call {@link #leave()} once. */
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

  /** Called after the record was added to the completions, or parked or dropped. */
  void leave() {
    int inside = gate.decrementAndGet();
    assert inside != -1 && inside != Integer.MAX_VALUE : "more have left than have entered";
    if (inside == CLOSED) {
      LockSupport.unpark(pollThread);
    }
  }

  /** From now on no record enters. */
  void close() {
    gate.updateAndGet(now -> now | CLOSED);
  }

  /** Sets the deadline for the handlers inside, once the gate is closed. */
  void endAt(long deadlineNs) {
    deadline.set(deadlineNs);
  }

  boolean isClosed() {
    return gate.get() < 0;
  }

  int inside() {
    return gate.get() & ~CLOSED;
  }

  /** The deadline has passed: results of handlers still inside are dropped. */
  void expire() {
    expired = true;
  }

  boolean isExpired() {
    return expired;
  }

  /** The number of its keys that wait for a retry. */
  AtomicInteger parked() {
    return parked;
  }

  /** The number of its dead-letter records that are not acknowledged yet. */
  AtomicInteger waitingDeadLetters() {
    return waitingDeadLetters;
  }

  /** The reasons why dead-letter records could not be written yet, by offset. Guarded by itself. */
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
