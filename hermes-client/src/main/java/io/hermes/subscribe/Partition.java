package io.hermes.subscribe;

import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The poll thread's state of an owned partition: what was received, finished and committed. Poll
 * thread only, except for {@link #assignment()}.
 */
final class Partition {

  private final Assignment assignment;
  private final QueueKey queueOfAll;
  private final @Nullable TopicId topicId;
  private final OffsetTracker tracker;
  private final OffsetRuns finishedBefore;
  private final long start;
  private @Nullable OffsetAndMetadata committed;
  private boolean live = true;
  private long records;
  private long bytes;

  /**
   * Creates a partition at its start position.
   *
   * @param topicId null if unknown; then commits record nothing beyond the offset
   * @param position where reading starts
   * @param committed the group's commit; null if there is none
   */
  Partition(
      Assignment assignment,
      @Nullable TopicId topicId,
      long position,
      @Nullable OffsetAndMetadata committed) {
    this.assignment = assignment;
    this.queueOfAll = QueueKey.ofAll(assignment);
    this.topicId = topicId;
    this.tracker = new OffsetTracker(position);
    this.start = position;
    this.committed = committed;
    this.finishedBefore =
        committed == null || topicId == null
            ? OffsetRuns.NONE
            : CommitMetadata.decode(committed.metadata(), topicId, position);
  }

  Assignment assignment() {
    return assignment;
  }

  /** The queue of all its records, for {@link ProcessingOrder#PARTITION}. */
  QueueKey queueOfAll() {
    return queueOfAll;
  }

  TopicPartition id() {
    return assignment.partition();
  }

  OffsetTracker tracker() {
    return tracker;
  }

  /** Whether its topic is not this topic, but another one of the same name. */
  boolean isOfAnother(TopicId topic) {
    return topicId != null && !topicId.equals(topic);
  }

  /** Whether an earlier member has finished the record, according to its commit. */
  boolean wasFinishedBefore(long offset) {
    return !finishedBefore.isEmpty() && finishedBefore.contains(offset);
  }

  /** Whether this member still owns it, so that completions count. */
  boolean isLive() {
    return live;
  }

  void retire() {
    live = false;
  }

  /** The commit to make; null if the broker already has it. */
  @Nullable OffsetAndMetadata uncommitted() {
    OffsetAndMetadata now = committable();
    boolean known =
        committed != null
            && committed.offset() == now.offset()
            && committed.metadata().equals(now.metadata());
    return known ? null : now;
  }

  /** The commit for all finished records. */
  OffsetAndMetadata committable() {
    long offset = tracker.committable();
    String metadata =
        topicId == null ? "" : CommitMetadata.encode(topicId, offset, finishedBeyond(offset));
    return new OffsetAndMetadata(offset, Optional.empty(), metadata);
  }

  /**
   * The finished records beyond the offset. They include records that an earlier member finished
   * and this one has not received yet.
   */
  private OffsetRuns finishedBeyond(long base) {
    OffsetRuns seen = tracker.finishedBeyond();
    long position = tracker.position();
    if (finishedBefore.isEmpty() || finishedBefore.last(finishedBefore.count() - 1) < position) {
      return seen;
    }
    OffsetRuns.Builder all = new OffsetRuns.Builder();
    for (int run = 0; run < seen.count(); run++) {
      all.addRun(seen.first(run), seen.last(run), false);
    }
    for (int run = 0; run < finishedBefore.count(); run++) {
      long first = Math.max(position, finishedBefore.first(run));
      if (first <= finishedBefore.last(run) && first >= base) {
        all.addRun(first, finishedBefore.last(run), false);
      }
    }
    return all.build();
  }

  /** Whether the records finished beyond the lowest unfinished one fit the commit metadata. */
  boolean fitsCommit() {
    return tracker.span() < CommitMetadata.SAFE_SPAN
        || CommitMetadata.fits(tracker.committable(), tracker.finishedBeyond());
  }

  /**
   * Whether the next commit can record that this offset is finished, whatever else is finished. The
   * metadata has room for every offset up to {@code SAFE_SPAN} beyond the committed offset, which
   * never moves back.
   */
  boolean fitsNextCommit(long offset) {
    return offset - (committed == null ? start : committed.offset()) < CommitMetadata.SAFE_SPAN;
  }

  /** Whether a commit would make room for {@link #fitsNextCommit}. */
  boolean hasAdvanced() {
    return tracker.committable() > (committed == null ? start : committed.offset());
  }

  void acknowledged(OffsetAndMetadata now) {
    committed = now;
  }

  void received(int taskBytes) {
    records++;
    bytes += taskBytes;
  }

  void finished(int taskBytes) {
    records--;
    bytes -= taskBytes;
  }

  long records() {
    return records;
  }

  long bytes() {
    return bytes;
  }

  @Override
  public String toString() {
    return assignment.toString();
  }
}
