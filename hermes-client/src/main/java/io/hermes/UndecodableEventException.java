package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * The bytes of a record are not the event that they should be: another type, damaged, foreign, or
 * over a limit. The message says which; the bytes themselves are in {@link EventRecord#rawValue()}.
 */
public final class UndecodableEventException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** Undecodable bytes, with the reason. */
  public UndecodableEventException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
