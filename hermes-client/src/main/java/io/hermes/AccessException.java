package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * The brokers refused access: credentials or certificates are invalid, or a permission is missing.
 */
public final class AccessException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose advice says what the principal needs. */
  public AccessException(String problem, @Nullable String advice, @Nullable Throwable cause) {
    super(problem, advice, cause);
  }
}
