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
 * @param joined whether the group has accepted this member; it may still have no partitions, if the
 *     group has more members than partitions
 * @param assigned the assigned partitions
 * @param lag the unfinished records of each partition up to its high watermark, including records
 *     not fetched yet and records after the start of an open transaction; omits partitions whose
 *     high watermark is not known yet
 * @param lagAge how long ago the oldest lag figure was measured: a few seconds, or longer while
 *     brokers do not respond, since the last known figures are kept
 * @param oldestUnfinished the unfinished record that was received first
 * @param inFlightRecords the records received and not finished
 * @param inFlightBytes the size of their keys and values, in bytes
 * @param parkedKeys the number of keys that wait for a retry
 * @param waitingDeadLetters the number of dead-letter records not yet acknowledged
 * @param counts what the subscriber has counted since its start
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
   * What a subscriber has counted since its start. Counts never decrease.
   *
   * @param handled records that were acked, including ignored, skipped and dead-lettered ones
   * @param ignored handled records that were acked without a handler: other types with {@code
   *     ignoreOtherTypes()}, tombstones, and records redriven for another group
   * @param failed failed attempts to handle a record
   * @param retried failed attempts that led to a retry
   * @param deadLettered records that were written to a dead-letter topic
   * @param skipped records that failed and were acked because the error policy says so
   * @param redelivered records that were received and not finished when their partition was revoked
   *     or lost; its next owner receives them again
   * @param rebalances how often partitions were assigned, revoked or lost
   * @param observerFailures calls to observers and to the listener that threw an exception
   * @param committedTransactions transactions of a {@link HermesPipe} that were committed; 0 for
   *     other subscribers
   * @param abortedTransactions transactions of a pipe that were given up, so their records are
   *     redelivered: the transaction was aborted or fenced, its partitions were reassigned, or its
   *     commit was not answered. If that commit succeeded after all, they are not redelivered
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

  /** Whether the subscriber is running or paused, polls, and has no fault. */
  public boolean isHealthy() {
    return (state == State.RUNNING || state == State.PAUSED)
        && faults.isEmpty()
        && sinceLastPoll.toSeconds() < 60;
  }
}
