package io.hermes.cli.console;

import picocli.CommandLine.Option;

/** The short form of {@code --format json}, for commands with formats of their own. */
public final class JsonOption {

  @Option(names = "--json", description = "Short for --format json.")
  private boolean json;

  public boolean isSet() {
    return json;
  }
}
