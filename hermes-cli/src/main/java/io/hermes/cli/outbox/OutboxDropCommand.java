package io.hermes.cli.outbox;

import io.hermes.cli.console.Confirmation;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Units;
import io.hermes.jdbc.ParkedEvents;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Permanently drops parked events. */
@Command(
    name = "drop",
    description = {
      "Permanently remove parked events, which are then never published. The command shows them,"
          + " and asks. The later events of their keys that they held back are published.",
      "Either all of the events that you name are dropped, or none."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  ./hermes outbox drop 17", "  ./hermes outbox drop --all --yes"})
final class OutboxDropCommand extends ParkedCommand {

  private static final int SHOWN = 20;

  private final Stop stop;

  @Mixin private final Confirmation confirmation = new Confirmation();

  OutboxDropCommand(Console console, Stop stop, Map<String, String> environment) {
    super(console, environment);
    this.stop = stop;
  }

  @Override
  String done() {
    return "dropped";
  }

  @Override
  boolean isConfirmed(OutboxDatabase outbox, Connection connection, List<Long> chosen) {
    return confirmation.isGiven(
        console,
        stop,
        () -> {
          new ParkedTable(console, database.contracts().contractsIfAny())
              .print(first(connection, chosen, SHOWN));
          if (chosen.size() > SHOWN) {
            console.out().println("... and " + Units.count(chosen.size() - SHOWN) + " more");
          }
          console.out().println();
          return "Drop "
              + Units.count(chosen.size(), "parked event")
              + " at "
              + outbox.name()
              + "? They will never be published.";
        });
  }

  @Override
  boolean change(Connection connection, long id) {
    return ParkedEvents.drop(connection, id);
  }
}
