package io.hermes.subscribe;

import io.hermes.EventRecord;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * Is told what happens, for metrics and logs. Whatever a method throws is logged and has no other
 * effect. A slow method delays its caller, which is named at each; none may close the subscriber
 * and wait for that.
 */
public interface SubscriberListener {

  /** Partitions came to this subscriber; only the new ones. Called by the poll thread. */
  default void assigned(Set<TopicPartition> partitions) {}

  /** Partitions were given up, all that had finished is committed. Called by the poll thread. */
  default void revoked(Set<TopicPartition> partitions) {}

  /** Partitions were taken away without a chance to commit. Called by the poll thread. */
  default void lost(Set<TopicPartition> partitions) {}

  /** Offsets were committed, as the broker acknowledged. Called by the poll thread. */
  default void committed(Map<TopicPartition, Long> offsets) {}

  /** No more records are fetched from a partition for now. Called by the poll thread. */
  default void paused(TopicPartition partition, String reason) {}

  /** Records are fetched from a partition again. Called by the poll thread. */
  default void resumed(TopicPartition partition) {}

  /** A record failed and waits for its next attempt. Called by a worker. */
  default void retried(
      EventRecord<?> record, int failedAttempt, Throwable failure, Duration wait) {}

  /** A record is in the dead letter topic, acknowledged. Called by Kafka's I/O thread. */
  default void deadLettered(EventRecord<?> record, Throwable failure) {}

  /** A record failed and was acked all the same, as the policy says. Called by a worker. */
  default void skipped(EventRecord<?> record, Throwable failure) {}

  /** A handler has not returned for a minute or more. Called by the timer thread. */
  default void stuck(EventRecord<?> record, Duration since, StackTraceElement[] stack) {}
}
