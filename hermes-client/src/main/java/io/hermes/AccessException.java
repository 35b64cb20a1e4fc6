package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * The brokers refused access: credentials or certificates are invalid, or a permission is missing.
 */
public final class AccessException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose message says what the principal needs. */
  public AccessException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
