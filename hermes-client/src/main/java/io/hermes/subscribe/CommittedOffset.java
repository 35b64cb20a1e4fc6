package io.hermes.subscribe;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Uuid;

/**
 * What a group has committed for a partition, as its subscribers read it: for tools that show a
 * group or reset it. Immutable.
 */
public final class CommittedOffset {

  private final long offset;
  private final OffsetRuns finished;
  private final boolean ofAnotherTopic;

  private CommittedOffset(long offset, OffsetRuns finished, boolean ofAnotherTopic) {
    this.offset = offset;
    this.finished = finished;
    this.ofAnotherTopic = ofAnotherTopic;
  }

  /**
   * Reads a commit, also one that no Hermes subscriber has written.
   *
   * @param commit what Kafka has
   * @param clusterId of the cluster that it is in
   * @param topicId of the topic that has this name now
   * @return what it means
   */
  public static CommittedOffset of(OffsetAndMetadata commit, String clusterId, Uuid topicId) {
    TopicId topic = new TopicId(clusterId, topicId);
    return new CommittedOffset(
        commit.offset(),
        CommitMetadata.decode(commit.metadata(), topic, commit.offset()),
        CommitMetadata.isOfAnother(commit.metadata(), topic, commit.offset()));
  }

  /**
   * A commit with which a group resumes at an offset and handles every record from there on, also
   * those that it had finished out of order. It names its topic, so that subscribers ignore it once
   * the topic is recreated.
   *
   * @param offset where to resume
   * @param clusterId of the cluster that it is for
   * @param topicId of the topic that it is for
   * @return what to commit
   */
  public static OffsetAndMetadata reset(long offset, String clusterId, Uuid topicId) {
    TopicId topic = new TopicId(clusterId, topicId);
    return new OffsetAndMetadata(offset, CommitMetadata.encode(topic, offset, OffsetRuns.NONE));
  }

  /** The oldest record that is not finished. */
  public long offset() {
    return offset;
  }

  /**
   * How many records are finished out of order, and so not redelivered.
   *
   * @param from count those with this offset or a higher one
   */
  public long finishedAhead(long from) {
    long count = 0;
    for (int run = 0; run < finished.count(); run++) {
      count += Math.max(0, finished.last(run) + 1 - Math.max(from, finished.first(run)));
    }
    return count;
  }

  /**
   * Whether it is of an earlier topic of this name: subscribers ignore it and start at the
   * beginning.
   */
  public boolean isOfAnotherTopic() {
    return ofAnotherTopic;
  }
}
