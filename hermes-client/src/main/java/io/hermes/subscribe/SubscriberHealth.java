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
 * A subscriber's health. Figures about partitions are from the poll thread's last turn; {@code
 * sinceLastPoll} says how long ago that was.
 *
 * @param state the subscriber's state
 * @param faults what prevents it from doing all of its work, oldest first; empty if nothing does
 * @param sinceLastPoll how long ago the poll thread last asked Kafka for records
 * @param sinceResponse how long ago a broker last responded
 * @param joined whether the group has accepted this member; it may have no partitions nevertheless,
 *     if the group has more members than partitions
 * @param assigned the assigned partitions
 * @param lag the unfinished records of each partition up to its high watermark, including those not
 *     fetched yet and those behind an open transaction; without partitions whose end is not known
 *     yet
 * @param lagAge how long ago the oldest of these figures was measured: a few seconds, or longer
 *     while brokers do not respond, since the last known figures are kept
 * @param oldestUnfinished the unfinished record that was received first
 * @param inFlightRecords the records received and not finished
 * @param inFlightBytes the size of their keys and values, in bytes
 * @param parkedKeys the keys that wait for a retry
 * @param waitingDeadLetters the dead-letter records that wait for their acknowledgement
 * @param counts what it has counted since its start
 */
public record SubscriberHealth(
    State state,
    List<Fault> faults,
    Duration sinceLastPoll,
    Duration sinceResponse,
    boolean joined,
    Set<TopicPartition> assigned,
    Map<TopicPartition, Long> lag,
    Duration lagAge,
    Optional<Unfinished> oldestUnfinished,
    long inFlightRecords,
    long inFlightBytes,
    int parkedKeys,
    int waitingDeadLetters,
    Counts counts) {

  /** A subscriber's state. */
  public enum State {
    /** Built, not started yet. */
    NEW,
    /** Fetches and handles records. */
    RUNNING,
    /** Handles the records it has and fetches none, after {@code pause()}. */
    PAUSED,
    /** Handles the records it has, then closes. */
    DRAINING,
    /** Waits for running handlers, then commits. */
    CLOSING,
    /** Closed. */
    CLOSED,
    /** Failed; {@code completion()} has the cause. */
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
   * What a subscriber has counted since its start. The numbers never decrease.
   *
   * @param handled records that were acked, including ignored, skipped and dead-lettered ones
   * @param ignored records among them that had no handler, by {@code ignoreOtherTypes()}, as
   *     tombstones, or as redriven for another group
   * @param failed attempts to handle a record that failed
   * @param retried failed attempts after which the record was to be handled again
   * @param deadLettered records that were written to a dead-letter topic
   * @param skipped records that failed and were acked, as the error policy said
   * @param redelivered records that were received and not finished when their partition was revoked
   *     or lost; its next owner receives them again
   * @param rebalances how often partitions were assigned, revoked or lost
   * @param observerFailures calls of observers and of the listener that have thrown
   * @param committedTransactions transactions of a {@link HermesPipe} that were committed; 0 for
   *     other subscribers
   * @param abortedTransactions transactions of a pipe that were given up, so that their records are
   *     handled again: aborted, fenced, of partitions that were reassigned, or without an answer to
   *     the commit. If such a commit has succeeded after all, its records are not handled again
   */
  public record Counts(
      long handled,
      long ignored,
      long failed,
      long retried,
      long deadLettered,
      long skipped,
      long redelivered,
      long rebalances,
      long observerFailures,
      long committedTransactions,
      long abortedTransactions) {

    static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /** The health of a subscriber that is not running. */
  static SubscriberHealth idle(State state) {
    return new SubscriberHealth(
        state,
        List.of(),
        Duration.ZERO,
        Duration.ZERO,
        false,
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
   * All faults as text.
   *
   * @return null if there are none
   */
  public @Nullable String fault() {
    return faults.isEmpty()
        ? null
        : faults.stream().map(Fault::toString).collect(Collectors.joining("; "));
  }

  /** Whether it is running (or paused), polling, and without a fault. */
  public boolean isHealthy() {
    return (state == State.RUNNING || state == State.PAUSED)
        && faults.isEmpty()
        && sinceLastPoll.toSeconds() < 60;
  }
}
