package io.hermes.publish;

import io.hermes.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A publisher's health. Immutable.
 *
 * @param state the publisher's state
 * @param faults what keeps events from being acknowledged, oldest first; empty if nothing does
 * @param sinceResponse how long ago a broker last responded; at most a few seconds even if nothing
 *     is published, since an idle publisher refreshes its metadata
 * @param inFlightRecords the events in flight: sent and not acknowledged yet, or acknowledged and
 *     waiting for their continuations
 * @param inFlightBytes the size of these events, uncompressed
 * @param observerFailures the calls of observers that have thrown
 * @param transactions what a {@link TransactionalPublisher} has counted; empty for others
 */
public record PublisherHealth(
    State state,
    List<Fault> faults,
    Duration sinceResponse,
    long inFlightRecords,
    long inFlightBytes,
    long observerFailures,
    Optional<Transactions> transactions) {

  /**
   * The transactions that have ended since the publisher was opened. One whose body has returned
   * without publishing an event is not counted. The numbers never decrease.
   *
   * @param committed those that were committed
   * @param aborted those that were certainly not committed, for whatever reason; also those whose
   *     body has thrown
   * @param unknown those that may have been committed
   */
  public record Transactions(long committed, long aborted, long unknown) {}

  /** A publisher's state. */
  public enum State {
    /** Accepts events. */
    OPEN,
    /** Accepts no more events, since {@code close} was called. */
    CLOSED
  }

  /** Whether it is open and without a fault. */
  public boolean isHealthy() {
    return state == State.OPEN && faults.isEmpty();
  }
}
