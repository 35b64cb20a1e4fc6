package io.hermes.jdbc;

import io.hermes.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The health of a relay and its outbox. Immutable.
 *
 * @param running whether the relay has started and is not closed
 * @param shards the shards that this relay publishes; other relays have the rest
 * @param pending the rows that wait to be published, across all relays, counted up to 100,001; -1
 *     before the first count
 * @param parked the rows that were rejected and set aside, counted like {@code pending}
 * @param oldest the age of the oldest pending row when last measured, plus the time since; empty if
 *     there is none
 * @param counts what this relay has done since it started
 * @param faults what keeps events from being published, oldest first
 */
public record OutboxHealth(
    boolean running,
    List<Integer> shards,
    long pending,
    long parked,
    Optional<Duration> oldest,
    Counts counts,
    List<Fault> faults) {

  /**
   * What a relay has done since it started.
   *
   * @param published rows that were acknowledged
   * @param unknown publications whose outcome is unknown; their rows were published again
   * @param parked rows that were set aside
   */
  public record Counts(long published, long unknown, long parked) {}

  /** Whether the relay is running and has no fault. */
  public boolean isHealthy() {
    return running && faults.isEmpty();
  }
}
