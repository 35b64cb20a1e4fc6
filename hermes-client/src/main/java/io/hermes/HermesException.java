package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * The root of every exception that Hermes throws. Its message says what went wrong and what to do
 * about it, and never contains an event's content or a secret.
 */
public class HermesException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  /** An error that a retry would only repeat. */
  public HermesException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  /**
   * An error.
   *
   * @param message what went wrong and what to do
   * @param cause what Kafka or the JDK reported
   * @param retryable whether the same call may succeed later
   */
  public HermesException(String message, @Nullable Throwable cause, boolean retryable) {
    super(message, cause);
    this.retryable = retryable;
  }

  /**
   * Whether the same call may succeed later, with no change to the program, schema or
   * configuration.
   *
   * @return false if a retry would only repeat the error
   */
  public final boolean isRetryable() {
    return retryable;
  }
}
