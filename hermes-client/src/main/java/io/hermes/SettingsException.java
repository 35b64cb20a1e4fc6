package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * A setting is invalid. The message names it and the allowed values; it never contains a secret.
 */
public final class SettingsException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception whose problem says which values are allowed. */
  public SettingsException(String problem, @Nullable Throwable cause) {
    super(problem, cause);
  }

  /** Creates an exception that describes the invalid setting and what to do about it. */
  public SettingsException(String problem, @Nullable String advice, @Nullable Throwable cause) {
    super(problem, advice, cause);
  }
}
