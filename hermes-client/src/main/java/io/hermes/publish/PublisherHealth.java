package io.hermes.publish;

import io.hermes.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A publisher's health. Immutable.
 *
 * @param state the publisher's state
 * @param faults what prevents events from being acknowledged, oldest first; empty if nothing does
 * @param sinceResponse how long ago a broker last responded; at most a few seconds even if nothing
 *     is published, since an idle publisher refreshes its metadata
 * @param inFlightRecords the events in flight: sent but not yet acknowledged, or acknowledged and
 *     waiting for their continuations
 * @param inFlightBytes the size of these events, uncompressed
 * @param observerFailures the number of observer calls that have thrown
 * @param transactions the transaction counts of a {@link TransactionalPublisher}; empty for others
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
   * The number of transactions that have ended since the publisher was opened. A transaction whose
   * body returned without publishing an event is not counted. The counts never decrease.
   *
   * @param committed those that were committed
   * @param aborted those that were definitely not committed, for whatever reason, including an
   *     exception from the body
   * @param unknown those that may or may not have been committed
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
