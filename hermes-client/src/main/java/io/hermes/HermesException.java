package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * The root of every error that Hermes reports: what went wrong, and what to do about it. Never
 * carries an event's content or a secret.
 */
public class HermesException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final boolean retryable;

  /** An error that comes again when the same is tried again. */
  public HermesException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  /**
   * An error.
   *
   * @param message what went wrong and what to do
   * @param cause what Kafka or the JDK reported
   * @param retryable whether the same may succeed when it is tried again later
   */
  public HermesException(String message, @Nullable Throwable cause, boolean retryable) {
    super(message, cause);
    this.retryable = retryable;
  }

  /**
   * Whether the same may succeed when it is tried again later, with nothing changed in program,
   * schema or configuration.
   *
   * @return false where a retry would only repeat the error
   */
  public final boolean isRetryable() {
    return retryable;
  }
}
