package io.hermes.publish;

import io.hermes.Fault;
import java.time.Duration;
import java.util.List;

/**
 * How a publisher is, at one moment. Immutable.
 *
 * @param state what the publisher does
 * @param faults what keeps events from being acknowledged, the oldest first; empty if nothing does
 * @param sinceResponse how long ago a broker last responded; a few seconds where nothing is
 *     published, since the publisher then refreshes its metadata
 * @param inFlightRecords how many events are on their way, or acknowledged and waiting for their
 *     continuations
 * @param inFlightBytes how large these are as plain events
 * @param observerFailures how many calls of observers have thrown
 */
public record PublisherHealth(
    State state,
    List<Fault> faults,
    Duration sinceResponse,
    long inFlightRecords,
    long inFlightBytes,
    long observerFailures) {

  /** What a publisher does. */
  public enum State {
    /** It takes events. */
    OPEN,
    /** It takes no more events: {@code close} was called. */
    CLOSED
  }

  /** Whether it does what it was opened for: it is open, and nothing is at fault. */
  public boolean isHealthy() {
    return state == State.OPEN && faults.isEmpty();
  }
}
