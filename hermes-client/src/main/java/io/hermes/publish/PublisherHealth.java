package io.hermes.publish;

import io.hermes.Fault;
import java.time.Duration;
import java.util.List;

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
 */
public record PublisherHealth(
    State state,
    List<Fault> faults,
    Duration sinceResponse,
    long inFlightRecords,
    long inFlightBytes,
    long observerFailures) {

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
