package io.hermes.subscribe;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A received record until it is finished. The poll thread makes it; then it belongs to who has it:
 * a queue, a worker, the timer, the dead letter producer, and in the end the completions.
 */
final class Task {

  final ConsumerRecord<byte[], byte[]> record;
  final Partition partition;
  final long ticket;
  final int bytes;

  /** What is done with it, as the poll thread has found; null if there is nothing. */
  @Nullable Route route;

  /** Whether its value is known not to be encoded. */
  boolean plain;

  /** The key of its queue; null if it is in none, as it waits for no other record. */
  @Nullable QueueKey key;

  /** Whether it was behind another one when it came. Only the poll thread. */
  boolean waits;

  /** What follows it in its queue. */
  volatile @Nullable Task next;

  /** What finished before it and is not taken yet. Written by who adds it to the completions. */
  @Nullable Task below;

  /** How many attempts failed. */
  int failures;

  /** When the first one failed. */
  long firstFailureNs;

  /** Why it is to be a dead letter; null if it is not. */
  @Nullable Throwable deadLetterCause;

  Task(ConsumerRecord<byte[], byte[]> record, Partition partition, long ticket) {
    this.record = record;
    this.partition = partition;
    this.ticket = ticket;
    this.bytes =
        Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
  }

  Assignment assignment() {
    return partition.assignment();
  }

  @Override
  public String toString() {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }
}
