package io.hermes;

import org.jspecify.annotations.Nullable;

/** A setting is wrong. The message names it and says what it may be; it never has a secret. */
public final class SettingsException extends HermesException {

  private static final long serialVersionUID = 1L;

  /** A wrong setting, described. */
  public SettingsException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
