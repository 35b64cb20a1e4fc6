package io.hermes.cli.console;

import io.hermes.SettingsException;
import org.jspecify.annotations.Nullable;

/** Checks the numbers of options. Stateless. */
public final class Numbers {

  private Numbers() {}

  /**
   * Rejects a number.
   *
   * @param isValid whether it is allowed
   * @param option its option
   * @param allowed what the option allows, as the end of a sentence
   * @param given the number
   * @throws SettingsException if it is not allowed
   */
  public static void require(
      boolean isValid, String option, String allowed, @Nullable Number given) {
    if (!isValid) {
      throw new SettingsException(option + " must be " + allowed + ", not " + given + ".", null);
    }
  }
}
