package io.hermes.subscribe;

import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Commits what is finished: now and then, and before a partition is given up. Only the poll thread.
 *
 * <p>A subscriber commits offsets ({@link OffsetCommitter}). A pipe commits offsets and what its
 * handlers have emitted in one transaction ({@link SliceCommitter}); what finishes is given to it
 * before it counts.
 */
interface Committer {

  /** For a commit that is waited for. */
  long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);

  /** How long until {@link #commitIfDue} has something to do: commit, or take an outcome. */
  long dueInNs(long nowNs);

  /**
   * Commits if it is time and there is something to commit, and takes the outcome of a commit in
   * progress if it has one. Does not wait for the brokers.
   */
  void commitIfDue(Collection<Partition> owned, long nowNs);

  /**
   * Commits what has finished in partitions that are about to be given up, until the deadline, and
   * at most for {@link #TIMEOUT_NS}.
   *
   * @return false if that may be tried again after a poll: between joining a group anew and hearing
   *     of its partitions, no member may commit
   */
  boolean commitNow(Collection<Partition> leaving, long deadlineNs);

  /** Waits for the outcome of a commit in progress, until the deadline at most. */
  default void settle(long deadlineNs) {}

  /** The consumer is replaced: nothing is to be heard of what it had on its way. */
  void forgetPending();

  /** In each turn, before anything is asked of it. */
  default void prepare(long nowNs) {}

  /** Whether it can take what finishes now. If not, that waits, and so do arriving partitions. */
  default boolean isReady() {
    return true;
  }

  /** Whether what finishes is to be given to {@link #takes} in the order in which it finished. */
  default boolean isOrdered() {
    return false;
  }

  /** After how many finished records the poll thread is to be woken; 0 for never. */
  default long worthWakingAfter() {
    return 0;
  }

  /**
   * Whether what is received next can be committed while the lowest unfinished record stays so. If
   * not, the partition is paused, or it would fill what may be in flight.
   */
  default boolean leavesRoom(Partition partition) {
    return partition.fitsCommit();
  }

  /** Whether the next commit has room for the record. If not, it is given again after that. */
  default boolean hasRoomFor(WorkItem item) {
    return true;
  }

  /**
   * Takes what a finished record led to, before the record counts as finished.
   *
   * @return false if the record must not count
   */
  default boolean takes(WorkItem item) {
    return true;
  }

  /** These partitions go, and what they have finished since the last commit with them. */
  default void abandon(Collection<Partition> leaving) {}

  /**
   * Whether what has finished since the last commit is void, so that all partitions have to start
   * over at what the group has committed.
   */
  default boolean mustStartOver() {
    return false;
  }

  /** The partitions have been given up, and arrive again once {@link #isReady}. */
  default void startsOver() {}

  /** Why the record cannot be handled, as an earlier attempt has shown; null if it can. */
  default @Nullable Throwable refusal(WorkItem item) {
    return null;
  }

  /**
   * The start, on the caller's thread.
   *
   * @throws io.hermes.HermesException if it could not commit
   */
  default void open() {}

  /** The end, after the last commit. */
  default void close(long deadlineNs) {}
}
