package io.hermes.subscribe;

import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What the poll thread knows of a partition that it has: what was received, finished and committed.
 * Only the poll thread; but any thread reads {@link #assignment()}.
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
   * A partition at its start.
   *
   * @param topicId null if it is not known: then nothing beyond the offset is remembered
   * @param position where reading starts
   * @param committed what the group has committed; null if nothing
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

  /** The queue of all its records, where they are handled in their order. */
  QueueKey queueOfAll() {
    return queueOfAll;
  }

  TopicPartition id() {
    return assignment.partition();
  }

  OffsetTracker tracker() {
    return tracker;
  }

  /** Whether its topic is another one of the same name. */
  boolean isOfAnother(TopicId topic) {
    return topicId != null && !topicId.equals(topic);
  }

  /** Whether an earlier member has finished the record, as its commit said. */
  boolean wasFinishedBefore(long offset) {
    return !finishedBefore.isEmpty() && finishedBefore.contains(offset);
  }

  /** Whether it is still this member's, so that completions count. */
  boolean isLive() {
    return live;
  }

  void retire() {
    live = false;
  }

  /** What is to be committed; null if the broker has it already. */
  @Nullable OffsetAndMetadata uncommitted() {
    OffsetAndMetadata now = committable();
    boolean known =
        committed != null
            && committed.offset() == now.offset()
            && committed.metadata().equals(now.metadata());
    return known ? null : now;
  }

  /** What is finished, in the form of a commit. */
  OffsetAndMetadata committable() {
    long offset = tracker.committable();
    String metadata =
        topicId == null ? "" : CommitMetadata.encode(topicId, offset, finishedBeyond(offset));
    return new OffsetAndMetadata(offset, Optional.empty(), metadata);
  }

  /**
   * What is finished beyond the offset. Right after a start, records that an earlier member has
   * finished are not received again yet, and still count.
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

  /** Whether what is finished beyond the lowest unfinished record can still be committed. */
  boolean fitsCommit() {
    return tracker.span() < CommitMetadata.SAFE_SPAN
        || CommitMetadata.fits(tracker.committable(), tracker.finishedBeyond());
  }

  /**
   * Whether the next commit can say that this record is finished, whatever else is. In the metadata
   * there is room for everything up to some distance from the committed offset, which never goes
   * back.
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
