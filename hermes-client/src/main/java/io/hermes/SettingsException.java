package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * A setting is invalid. The message names it and the allowed values; it never contains a secret.
 */
public final class SettingsException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception that describes the invalid setting. */
  public SettingsException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
