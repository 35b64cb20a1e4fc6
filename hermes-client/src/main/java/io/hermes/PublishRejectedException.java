package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * The event was certainly not written. It may be published again without becoming a duplicate; with
 * {@link #isRetryable()} that may succeed with nothing else changed.
 */
public final class PublishRejectedException extends PublishException {

  private static final long serialVersionUID = 1L;

  /** An event that was not written. */
  public PublishRejectedException(
      String message,
      @Nullable Throwable cause,
      boolean retryable,
      String topic,
      boolean keyed,
      int valueBytes) {
    super(message, cause, retryable, topic, keyed, valueBytes);
  }
}
