package io.hermes.subscribe;

import io.hermes.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * How a subscriber is. What concerns partitions is as of the poll thread's last turn; when that was
 * stands beside it.
 *
 * @param state what the subscriber does
 * @param faults what keeps it from doing all of its work, the oldest first; empty if nothing does
 * @param sinceLastPoll how long ago the poll thread last asked Kafka for records
 * @param sinceResponse how long ago a broker last responded
 * @param assigned the partitions that it has
 * @param lag how many records of each partition are not finished, up to its high watermark: those
 *     still in Kafka and those behind an open transaction included; without partitions whose end is
 *     not known yet
 * @param lagAge how long ago the oldest of these figures was measured; a few seconds, and more
 *     where brokers do not respond, since the last known figures then stay
 * @param oldestUnfinished the record that has waited longest since it was received
 * @param inFlightRecords how many records are received and not finished
 * @param inFlightBytes their keys and values
 * @param parkedKeys how many keys wait for a retry
 * @param waitingDeadLetters how many dead letters wait to be acknowledged
 * @param counts what it has counted since its start
 */
public record SubscriberHealth(
    State state,
    List<Fault> faults,
    Duration sinceLastPoll,
    Duration sinceResponse,
    Set<TopicPartition> assigned,
    Map<TopicPartition, Long> lag,
    Duration lagAge,
    Optional<Unfinished> oldestUnfinished,
    long inFlightRecords,
    long inFlightBytes,
    int parkedKeys,
    int waitingDeadLetters,
    Counts counts) {

  /** What a subscriber does. */
  public enum State {
    /** It was built and not started. */
    NEW,
    /** It receives and handles. */
    RUNNING,
    /** It handles what it has and receives nothing, by {@code pause()}. */
    PAUSED,
    /** It handles what it has, and closes then. */
    DRAINING,
    /** It waits for running handlers, and commits. */
    CLOSING,
    /** It was closed. */
    CLOSED,
    /** It ended by itself; {@code completion()} has the cause. */
    FAILED
  }

  /**
   * A record that was received and is not finished.
   *
   * @param partition its partition
   * @param offset its offset
   * @param age how long ago it was received
   */
  public record Unfinished(TopicPartition partition, long offset, Duration age) {}

  /**
   * What a subscriber has counted since its start. Only ever grows.
   *
   * @param handled records that were acked, those ignored, skipped and dead-lettered included
   * @param ignored records among them that had no handler, by {@code ignoreOtherTypes()}, as
   *     tombstones, or as redriven for another group
   * @param failed attempts to handle a record that failed
   * @param retried failed attempts after which the record was to be handled again
   * @param deadLettered records that were written to a dead-letter topic
   * @param skipped records that failed and were acked, as the error policy said
   * @param redelivered records that were received and not finished when their partition was revoked
   *     or lost; its next owner receives them again
   * @param observerFailures calls of observers and of the listener that have thrown
   */
  public record Counts(
      long handled,
      long ignored,
      long failed,
      long retried,
      long deadLettered,
      long skipped,
      long redelivered,
      long observerFailures) {

    static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0);
  }

  /** Of a subscriber that does nothing. */
  static SubscriberHealth idle(State state) {
    return new SubscriberHealth(
        state,
        List.of(),
        Duration.ZERO,
        Duration.ZERO,
        Set.of(),
        Map.of(),
        Duration.ZERO,
        Optional.empty(),
        0,
        0,
        0,
        0,
        Counts.NONE);
  }

  /**
   * All faults in words.
   *
   * @return null if there is none
   */
  public @Nullable String fault() {
    return faults.isEmpty()
        ? null
        : faults.stream().map(Fault::toString).collect(Collectors.joining("; "));
  }

  /** Whether it does what it was started for: it runs, it polls, and nothing is at fault. */
  public boolean isHealthy() {
    return (state == State.RUNNING || state == State.PAUSED)
        && faults.isEmpty()
        && sinceLastPoll.toSeconds() < 60;
  }
}
