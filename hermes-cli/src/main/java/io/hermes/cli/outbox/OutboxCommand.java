package io.hermes.cli.outbox;

import io.hermes.cli.console.Console;
import io.hermes.cli.console.Stop;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The parked events of an outbox. */
@Command(
    name = "outbox",
    description = {
      "List, retry and drop the parked events of an outbox (hermes-jdbc).",
      "A relay parks an event that Kafka rejects permanently, such as one that is too large. By default"
          + " a parked event holds back the later ones of its key. These commands need the database"
          + " of the outbox, and no Kafka."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  export HERMES_JDBC_URL=jdbc:postgresql://localhost:5432/orders",
      "  ./hermes outbox list           what is parked, and why",
      "  ./hermes outbox retry --all    after you have fixed the cause",
      "  ./hermes outbox drop 17        discards an event"
    })
public final class OutboxCommand {

  private OutboxCommand() {}

  public static CommandLine commandLine(
      Console console, Stop stop, Map<String, String> environment) {
    return new CommandLine(new OutboxCommand())
        .addSubcommand(new OutboxListCommand(console, environment))
        .addSubcommand(new OutboxRetryCommand(console, environment))
        .addSubcommand(new OutboxDropCommand(console, stop, environment));
  }
}
