package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * A batch of records is damaged in the broker's log or on its way, so that Kafka's consumer cannot
 * get past it by itself. Comes again until the position moves beyond the batch, or a sound replica
 * leads the partition.
 */
public final class CorruptBatchException extends HermesException {

  private static final long serialVersionUID = 1L;

  private final String topic;
  private final int partition;
  private final long offset;

  /** A damaged batch at or after a position. */
  public CorruptBatchException(
      String topic, int partition, long offset, @Nullable Throwable cause) {
    super(
        "The records of "
            + topic
            + "-"
            + partition
            + " from offset "
            + offset
            + " on are damaged: restore the partition from a sound replica, or read on behind the"
            + " damage."
            + (cause == null ? "" : " (" + cause.getMessage() + ")"),
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

  /** The first offset that was not read; the damaged batch is the one that has it. */
  public long offset() {
    return offset;
  }
}
