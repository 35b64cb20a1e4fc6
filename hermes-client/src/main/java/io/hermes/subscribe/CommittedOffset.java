package io.hermes.subscribe;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Uuid;

/**
 * A group's commit for a partition, decoded as its subscribers decode it, for tools that show or
 * reset a group. Immutable.
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
   * Reads a commit, whether or not a Hermes subscriber made it.
   *
   * @param commit the commit as Kafka stores it
   * @param clusterId the id of its cluster
   * @param topicId the id of the topic that now has this name
   * @return the decoded commit
   */
  public static CommittedOffset of(OffsetAndMetadata commit, String clusterId, Uuid topicId) {
    TopicId topic = new TopicId(clusterId, topicId);
    return new CommittedOffset(
        commit.offset(),
        CommitMetadata.decode(commit.metadata(), topic, commit.offset()),
        CommitMetadata.isOfAnother(commit.metadata(), topic, commit.offset()));
  }

  /**
   * A commit that makes a group resume at an offset and handle every record from there on,
   * including records that it had finished out of order. It names its topic, so subscribers ignore
   * it once the topic is recreated.
   *
   * @param offset where to resume
   * @param clusterId the id of the cluster
   * @param topicId the id of the topic
   * @return the commit
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
   * The number of records that were finished out of order and are not redelivered.
   *
   * @param from counts records from this offset on
   */
  public long finishedAhead(long from) {
    long count = 0;
    for (int run = 0; run < finished.count(); run++) {
      count += Math.max(0, finished.last(run) + 1 - Math.max(from, finished.first(run)));
    }
    return count;
  }

  /**
   * Whether it belongs to an earlier topic of this name. Subscribers ignore it and start at the
   * beginning.
   */
  public boolean isOfAnotherTopic() {
    return ofAnotherTopic;
  }
}
