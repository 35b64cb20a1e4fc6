package io.hermes;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The root of every exception that Hermes throws. Its message says what went wrong and what to do
 * about it, and never contains an event's content or a secret. Code that shows the two parts
 * separately, such as a report or a form, uses {@link #problem()} and {@link #advice()}.
 */
public class HermesException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String problem;
  private final @Nullable String advice;
  private final boolean retryable;

  /** An error that is not retryable, without advice beyond the problem itself. */
  public HermesException(String problem, @Nullable Throwable cause) {
    this(problem, null, cause, false);
  }

  /** An error without advice beyond the problem itself. */
  public HermesException(String problem, @Nullable Throwable cause, boolean retryable) {
    this(problem, null, cause, retryable);
  }

  /** An error that is not retryable. */
  public HermesException(String problem, @Nullable String advice, @Nullable Throwable cause) {
    this(problem, advice, cause, false);
  }

  /**
   * An error.
   *
   * @param problem what went wrong, on which object and why
   * @param advice what to do about it; null if the problem says it, for example with the allowed
   *     values
   * @param cause what Kafka or the JDK reported
   * @param retryable whether the same call may succeed later
   */
  public HermesException(
      String problem, @Nullable String advice, @Nullable Throwable cause, boolean retryable) {
    super(advice == null ? problem : problem + " " + advice, cause);
    this.problem = problem;
    this.advice = advice;
    this.retryable = retryable;
  }

  /** What went wrong: the message without the advice. */
  public final String problem() {
    return problem;
  }

  /**
   * What to do about it, as one or more sentences: the end of the message.
   *
   * @return empty if the problem itself says it, for example with the allowed values
   */
  public final Optional<String> advice() {
    return Optional.ofNullable(advice);
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
