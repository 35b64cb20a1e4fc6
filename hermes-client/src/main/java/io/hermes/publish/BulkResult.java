package io.hermes.publish;

import io.hermes.HermesException;
import io.hermes.PublishException;
import java.util.List;
import java.util.Optional;

/**
 * The result of one {@code publishAll}. Each event that was taken from the source was either
 * acknowledged or is one of the failures.
 *
 * @param taken the number of events taken from the source; if the bulk {@code stopped}, events from
 *     this index on were not published
 * @param acknowledged the number of events that all in-sync replicas have
 * @param failures the events that were not acknowledged, by index
 * @param stopped why the rest of the source was not published; empty if all of it was
 */
public record BulkResult(
    long taken, long acknowledged, List<Failure> failures, Optional<HermesException> stopped) {

  /**
   * An event that was not acknowledged.
   *
   * @param index its index in the source, from 0
   * @param exception its outcome: a {@link io.hermes.PublishRejectedException} if it was definitely
   *     not written, a {@link io.hermes.PublishUnknownException} if it may have been
   */
  public record Failure(long index, PublishException exception) {}

  /** Whether every event of the source was acknowledged. */
  public boolean isComplete() {
    return failures.isEmpty() && stopped.isEmpty();
  }
}
