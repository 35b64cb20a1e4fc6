package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * The brokers refused: the credentials or certificates are wrong, or the principal lacks a right.
 */
public final class AccessException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** A refusal, with what would be needed. */
  public AccessException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
