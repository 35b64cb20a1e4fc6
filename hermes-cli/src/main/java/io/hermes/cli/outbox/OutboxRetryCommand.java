package io.hermes.cli.outbox;

import io.hermes.cli.console.Console;
import io.hermes.jdbc.ParkedEvents;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** Retries parked events. */
@Command(
    name = "retry",
    description = {
      "Have parked events published again, once the cause of their rejection is removed. A relay"
          + " takes them within a second or so, before the later events of their key that they held"
          + " back, and parks them again if Kafka still rejects them.",
      "Either all of the events that you name are retried, or none."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  ./hermes outbox retry 17 18", "  ./hermes outbox retry --all"})
final class OutboxRetryCommand extends ParkedCommand {

  OutboxRetryCommand(Console console, Map<String, String> environment) {
    super(console, environment);
  }

  @Override
  String done() {
    return "retried";
  }

  @Override
  boolean isConfirmed(OutboxDatabase outbox, Connection connection, List<Long> chosen) {
    return true; // needs no confirmation: a failing event is parked again
  }

  @Override
  boolean change(Connection connection, long id) {
    return ParkedEvents.retry(connection, id);
  }
}
