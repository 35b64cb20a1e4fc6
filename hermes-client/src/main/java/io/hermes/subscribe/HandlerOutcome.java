package io.hermes.subscribe;

import io.hermes.EventRecord;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How an attempt ended.
 *
 * @param duration how long the handler took; for an asynchronous one, until its stage completed
 * @param failed the records that failed; empty if the handler succeeded. If a batch failed as a
 *     whole, only its first record, which the others wait for
 */
public record HandlerOutcome(Duration duration, List<Failed> failed) {

  /**
   * A record that failed.
   *
   * @param record the record; its event is not decoded
   * @param failure what the handler threw, or why the record could not be decoded
   * @param decision what the error policy decided; empty if the partition was given up, so the
   *     record goes to its next owner and the attempt does not count
   */
  public record Failed(EventRecord<?> record, Throwable failure, Optional<Decision> decision) {}

  /** Copies the list. */
  public HandlerOutcome {
    failed = List.copyOf(failed);
  }

  /** Whether all records are done. */
  public boolean isSuccess() {
    return failed.isEmpty();
  }
}
