package io.hermes.cli.console;

import io.hermes.kafka.Spelling;
import java.util.Collection;

/** Suggests the name that a misspelled name was probably meant to be. Stateless. */
public final class Misspelling {

  private Misspelling() {}

  /**
   * A sentence to append to an error.
   *
   * @param given a name that is not one of the known names
   * @param known all valid names
   * @return a space and a question; empty if no known name resembles it
   */
  public static String hint(String given, Collection<String> known) {
    String closest = Spelling.closest(given, known);
    return closest == null ? "" : " Did you mean " + closest + "?";
  }
}
