package io.hermes.examples.cli;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** ZSTD dictionaries. */
@Command(
    name = "dictionary",
    description = "Make ZSTD dictionaries, with which small events take less than half.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes dictionary train --topic user.events   learn from the events of a topic",
      "  ./hermes dictionary train samples/              or from files"
    })
final class DictionaryCommand {

  private DictionaryCommand() {}

  static CommandLine commandLine(Console console, Stop stop, Map<String, String> environment) {
    return new CommandLine(new DictionaryCommand())
        .addSubcommand(new TrainCommand(console, stop, environment));
  }
}
