package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * A record's value cannot be decoded as the expected event: it has another type, is corrupt, is in
 * a foreign format, or exceeds a limit. The message says which; the bytes are in {@link
 * EventRecord#rawValue()}.
 */
public final class UndecodableEventException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception that says why the bytes cannot be decoded. */
  public UndecodableEventException(String problem, @Nullable Throwable cause) {
    super(problem, cause);
  }

  /** Creates an exception that says why the bytes cannot be decoded, and what to do about it. */
  public UndecodableEventException(
      String problem, @Nullable String advice, @Nullable Throwable cause) {
    super(problem, advice, cause);
  }
}
