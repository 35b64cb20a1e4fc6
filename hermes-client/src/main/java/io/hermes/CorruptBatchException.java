package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * A batch of records is corrupt, in the broker's log or in transit, and Kafka's consumer cannot get
 * past it by itself. Reading fails again until the position moves past the batch, or an intact
 * replica becomes the partition's leader.
 */
public final class CorruptBatchException extends HermesException {

  private static final long serialVersionUID = 1L;

  private final String topic;
  private final int partition;
  private final long offset;

  /** Creates an exception for a corrupt batch at or after a position. */
  public CorruptBatchException(
      String topic, int partition, long offset, @Nullable Throwable cause) {
    super(
        "The records in "
            + topic
            + "-"
            + partition
            + " from offset "
            + offset
            + " are corrupt"
            + (cause == null ? "" : " (" + cause.getMessage() + ")")
            + ".",
        "Restore the partition from an intact replica, or skip the corrupt batch by reading from an"
            + " offset after it.",
        cause);
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
  }

  /** The topic's name. */
  public String topic() {
    return topic;
  }

  /** The partition's number. */
  public int partition() {
    return partition;
  }

  /** The first offset that was not read; the corrupt batch contains it. */
  public long offset() {
    return offset;
  }
}
