package io.hermes.cli.dlt;

import io.hermes.cli.console.Console;
import io.hermes.cli.console.Stop;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Dead letters: the records that a group's handlers could not handle. */
@Command(
    name = "dlt",
    description = {
      "Look at dead letters, put them back, remove them.",
      "A dead letter is a record that a group's handler could not handle. It is on its topic's dead"
          + " letter topic, as user.events-dlt, with its own bytes and with headers that say where it"
          + " was and why it is dead."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes dlt list                              what there is, and why",
      "  ./hermes dlt show user.events-dlt --limit 1    one with its event",
      "  ./hermes dlt redrive user.events-dlt --dry-run what would be put back",
      "  ./hermes dlt purge user.events-dlt --before-time 7d"
    })
public final class DltCommand {

  private DltCommand() {}

  public static CommandLine commandLine(
      Console console, Stop stop, Map<String, String> environment) {
    return new CommandLine(new DltCommand())
        .addSubcommand(new DltListCommand(console, stop, environment))
        .addSubcommand(new DltShowCommand(console, stop, environment))
        .addSubcommand(new DltRedriveCommand(console, stop, environment))
        .addSubcommand(new DltPurgeCommand(console, stop, environment));
  }
}
