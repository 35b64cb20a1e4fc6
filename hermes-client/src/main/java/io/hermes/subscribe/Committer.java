package io.hermes.subscribe;

import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Commits finished records: periodically, and before a partition is given up. Poll thread only.
 *
 * <p>A subscriber commits offsets ({@link OffsetCommitter}). A pipe commits offsets and its
 * handlers' outputs in one transaction ({@link SliceCommitter}), which takes each finished record
 * before the record counts as finished.
 */
interface Committer {

  /** The longest wait for a commit. */
  long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);

  /** The time until {@link #commitIfDue} has to commit, or to take an outcome. */
  long dueInNs(long nowNs);

  /**
   * Commits if a commit is due and there is something to commit, and takes the outcome of a commit
   * in flight if there is one. Does not wait for the brokers.
   */
  void commitIfDue(Collection<Partition> owned, long nowNs);

  /**
   * Commits the finished records of partitions that are about to be given up. Waits for the brokers
   * until the deadline at most, and no longer than {@link #TIMEOUT_NS}.
   *
   * @return false if the caller should poll and try again: no member may commit between rejoining a
   *     group and receiving its assignment
   */
  boolean commitNow(Collection<Partition> leaving, long deadlineNs);

  /** Waits for the outcome of a commit in flight, until the deadline at most. */
  default void settle(long deadlineNs) {}

  /** The consumer is replaced: its commit in flight is never answered. */
  void forgetPending();

  /** Called first in each turn. */
  default void prepare(long nowNs) {}

  /** Whether it can take finished records. If not, they wait, and so do arriving partitions. */
  default boolean isReady() {
    return true;
  }

  /** Whether {@link #takes} needs records in the order in which they finished. */
  default boolean isOrdered() {
    return false;
  }

  /** After how many finished records to wake the poll thread; 0 for never. */
  default long worthWakingAfter() {
    return 0;
  }

  /**
   * Whether the next received records can be committed while the lowest unfinished one remains
   * unfinished. If not, the partition is paused, so that it does not use up the in-flight limit.
   */
  default boolean leavesRoom(Partition partition) {
    return partition.fitsCommit();
  }

  /** Whether the next commit has room for the record. If not, it is passed again later. */
  default boolean hasRoomFor(WorkItem item) {
    return true;
  }

  /**
   * Takes the outputs of a finished record, before the record counts as finished.
   *
   * @return false if the record must not count
   */
  default boolean takes(WorkItem item) {
    return true;
  }

  /** These partitions are given up without a commit of what has finished in them. */
  default void abandon(Collection<Partition> leaving) {}

  /**
   * Whether everything since the last commit is void, so that all partitions have to start over at
   * the committed offsets.
   */
  default boolean mustStartOver() {
    return false;
  }

  /** All partitions were given up; they arrive again once {@link #isReady}. */
  default void startsOver() {}

  /** Why the record cannot be handled, known from an earlier attempt; null if it can. */
  default @Nullable Throwable refusal(WorkItem item) {
    return null;
  }

  /**
   * Called at the start, on the caller's thread.
   *
   * @throws io.hermes.HermesException if commits would fail
   */
  default void open() {}

  /** Called at the end, after the last commit. */
  default void close(long deadlineNs) {}
}
