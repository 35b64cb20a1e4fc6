package io.hermes.cli.dictionary;

import io.hermes.cli.console.Console;
import io.hermes.cli.console.Stop;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Creates ZSTD dictionaries. */
@Command(
    name = "dictionary",
    description = "Create ZSTD dictionaries, which can more than halve the size of small events.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes dictionary train --topic user.events   train from the events of a topic",
      "  ./hermes dictionary train samples/              or from files"
    })
public final class DictionaryCommand {

  private DictionaryCommand() {}

  public static CommandLine commandLine(
      Console console, Stop stop, Map<String, String> environment) {
    return new CommandLine(new DictionaryCommand())
        .addSubcommand(new TrainCommand(console, stop, environment));
  }
}
