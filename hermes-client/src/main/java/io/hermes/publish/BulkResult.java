package io.hermes.publish;

import io.hermes.HermesException;
import io.hermes.PublishException;
import io.hermes.PublishUnknownException;
import java.util.List;
import java.util.Optional;

/**
 * How the events of one {@code publishAll} ended. Each event that was taken from the source was
 * either acknowledged or is among the failures.
 *
 * @param taken how many events were taken from the source; where it {@code stopped}, the events
 *     from this index on were not published
 * @param acknowledged how many of them all in-sync replicas have
 * @param failures the events that were not acknowledged, by index
 * @param stopped why the rest of the source was not published; empty if the source came to its end
 */
public record BulkResult(
    long taken, long acknowledged, List<Failure> failures, Optional<HermesException> stopped) {

  /**
   * An event that was not acknowledged.
   *
   * @param index its place in the source, from 0
   * @param exception its outcome: a {@link io.hermes.PublishRejectedException} if it was certainly
   *     not written, a {@link PublishUnknownException} if it may have been
   */
  public record Failure(long index, PublishException exception) {

    /** Whether the event may have been written. */
    public boolean isUnknown() {
      return exception instanceof PublishUnknownException;
    }
  }

  /** Whether every event of the source was acknowledged. */
  public boolean isComplete() {
    return failures.isEmpty() && stopped.isEmpty();
  }
}
