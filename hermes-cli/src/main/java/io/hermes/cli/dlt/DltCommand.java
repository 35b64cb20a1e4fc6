package io.hermes.cli.dlt;

import io.hermes.cli.console.Console;
import io.hermes.cli.console.Stop;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Dead-letter records: those that a group's handlers could not handle. */
@Command(
    name = "dlt",
    description = {
      "Inspect, redrive and purge dead-letter records.",
      "A dead-letter record is one that a group's handler could not handle. It is on its topic's"
          + " dead-letter topic, such as user.events-dlt, with its original bytes and with headers that"
          + " say where it came from and why it failed."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes dlt list                              what failed, and why",
      "  ./hermes dlt show user.events-dlt --limit 1    one record with its event",
      "  ./hermes dlt redrive user.events-dlt --dry-run what would be redriven",
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
