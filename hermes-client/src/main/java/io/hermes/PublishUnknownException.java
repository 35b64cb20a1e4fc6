package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * The event may or may not have been written: it was handed to Kafka, and no acknowledgement
 * arrived. Hermes never sends such an event again. If you do, it may be written twice, which is
 * safe if handlers are idempotent, for example because they deduplicate by event id.
 */
public final class PublishUnknownException extends PublishException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception for an event that may have been written. */
  public PublishUnknownException(
      String problem, @Nullable String advice, @Nullable Throwable cause, String topic) {
    super(problem, advice, cause, true, topic);
  }
}
