package io.hermes.cli.groups;

import io.hermes.cli.console.Console;
import io.hermes.cli.console.Stop;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Consumer groups. */
@Command(
    name = "groups",
    description = "Look at consumer groups, and reset where they resume.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes groups list                                all groups and their lag",
      "  ./hermes groups show billing                        members, and lag by partition",
      "  ./hermes groups reset billing --to 2h --dry-run     what a reset would do"
    })
public final class GroupsCommand {

  private GroupsCommand() {}

  public static CommandLine commandLine(
      Console console, Stop stop, Map<String, String> environment) {
    return new CommandLine(new GroupsCommand())
        .addSubcommand(new GroupListCommand(console, environment))
        .addSubcommand(new GroupShowCommand(console, environment))
        .addSubcommand(new GroupResetCommand(console, stop, environment));
  }
}
