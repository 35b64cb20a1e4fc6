package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * The event was definitely not written. Publishing it again cannot create a duplicate; if {@link
 * #isRetryable()} is true, that may succeed without any other change.
 */
public final class PublishRejectedException extends PublishException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception for an event that was not written. */
  public PublishRejectedException(
      String problem,
      @Nullable String advice,
      @Nullable Throwable cause,
      boolean retryable,
      String topic) {
    super(problem, advice, cause, retryable, topic);
  }
}
