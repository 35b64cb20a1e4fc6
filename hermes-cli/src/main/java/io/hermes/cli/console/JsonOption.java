package io.hermes.cli.console;

import io.hermes.SettingsException;
import picocli.CommandLine.Option;

/** The short form of {@code --format json}, for commands with formats of their own. */
public final class JsonOption {

  @Option(names = "--json", description = "Short for --format json.")
  private boolean json;

  /**
   * Whether the output is JSON.
   *
   * @param format the value of {@code --format}
   * @param byDefault its default
   * @throws SettingsException if {@code --format} names a format other than these two
   */
  public boolean isJson(Enum<?> format, Enum<?> byDefault) {
    boolean named = format.name().equals("json");
    if (json && !named && format != byDefault) {
      throw new SettingsException(
          "--json and --format " + format.name() + " contradict each other.",
          "Use one of the two.",
          null);
    }
    return json || named;
  }
}
