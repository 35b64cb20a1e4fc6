package io.hermes.subscribe;

import io.hermes.EventRecord;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * Callbacks of a subscriber, for metrics and logs. An exception that a method throws is logged and
 * has no other effect. A slow method delays the thread that calls it, which each method names. No
 * method may close the subscriber and wait for the close to finish.
 */
public interface SubscriberListener {

  /** Partitions were assigned; only the new ones are passed. Called by the poll thread. */
  default void assigned(Set<TopicPartition> partitions) {}

  /** Partitions were revoked; finished records are committed. Called by the poll thread. */
  default void revoked(Set<TopicPartition> partitions) {}

  /** Partitions were lost without a chance to commit. Called by the poll thread. */
  default void lost(Set<TopicPartition> partitions) {}

  /** The broker acknowledged a commit of these offsets. Called by the poll thread. */
  default void committed(Map<TopicPartition, Long> offsets) {}

  /** Fetching from a partition has paused. Called by the poll thread. */
  default void paused(TopicPartition partition, String reason) {}

  /** Fetching from a partition has resumed. Called by the poll thread. */
  default void resumed(TopicPartition partition) {}

  /** A record failed and waits for its next attempt. Called by a worker thread. */
  default void retried(
      EventRecord<?> record, int failedAttempt, Throwable failure, Duration wait) {}

  /**
   * The dead-letter topic acknowledged a record. Called by Kafka's I/O thread.
   *
   * <p>In a pipe, a worker thread calls it before the transaction with the dead letter is
   * committed. If that transaction is aborted, it may be called again.
   */
  default void deadLettered(EventRecord<?> record, Throwable failure) {}

  /** A record failed and was acked, as the error policy says. Called by a worker thread. */
  default void skipped(EventRecord<?> record, Throwable failure) {}

  /** A handler has been running for at least a minute. Called by the timer thread. */
  default void stuck(EventRecord<?> record, Duration since, StackTraceElement[] stack) {}
}
