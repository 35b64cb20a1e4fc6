package io.hermes.cli.outbox;

import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.ExitCode;
import io.hermes.cli.console.NamedLines;
import io.hermes.cli.console.Units;
import io.hermes.jdbc.ParkedEvents;
import io.hermes.jdbc.ParkedEvents.ParkedEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The common part of commands that change parked events: either all named events, or none. */
abstract class ParkedCommand implements Callable<Integer> {

  final Console console;
  @Mixin final DatabaseOptions database;

  @Parameters(
      paramLabel = "ID",
      arity = "0..*",
      description = "The ids of parked events, as ./hermes outbox list shows them.")
  private List<Long> ids = List.of();

  @Option(names = "--all", description = "All events that are parked now, instead of ids.")
  private boolean all;

  ParkedCommand(Console console, Map<String, String> environment) {
    this.console = console;
    this.database = new DatabaseOptions(environment);
  }

  /** What was done, such as "dropped". */
  abstract String done();

  /** Whether to proceed. */
  abstract boolean isConfirmed(OutboxDatabase outbox, Connection connection, List<Long> chosen);

  /** Changes one event; returns false if it is no longer parked. */
  abstract boolean change(Connection connection, long id);

  @Override
  public final Integer call() {
    if (all == !ids.isEmpty()) {
      throw new SettingsException(
          "Name the ids of parked events, as ./hermes outbox list shows them, or use --all"
              + (all ? ", not both." : "."),
          null);
    }
    OutboxDatabase outbox = database.database();
    List<Long> chosen;
    try (Connection connection = outbox.connect()) {
      chosen = all ? ParkedEvents.ids(connection) : parked(connection);
      if (!chosen.isEmpty() && !isConfirmed(outbox, connection, chosen)) {
        return ExitCode.FAILURE;
      }
      changeAll(connection, chosen);
    } catch (SQLException e) {
      throw new HermesException(
          "Nothing was " + done() + ": " + outbox.name() + " reports: " + e.getMessage() + ".",
          "Check the database, then run the command again.",
          e);
    }
    NamedLines facts = new NamedLines();
    facts.add(
        done(),
        chosen.isEmpty()
            ? "nothing: no event is parked at " + outbox.name()
            : Units.count(chosen.size(), "parked event") + " at " + outbox.name());
    facts.print(console);
    return ExitCode.OK;
  }

  /** The named ids, sorted and without duplicates; each must be that of a parked event. */
  private List<Long> parked(Connection connection) {
    List<Long> chosen = List.copyOf(new TreeSet<>(ids));
    for (long id : chosen) {
      if (ParkedEvents.get(connection, id).isEmpty()) {
        throw notParked(id);
      }
    }
    return chosen;
  }

  /** Runs in one transaction, after any confirmation, so that it never waits for the user. */
  private void changeAll(Connection connection, List<Long> chosen) throws SQLException {
    connection.setAutoCommit(false);
    for (long id : chosen) {
      if (!change(connection, id)) {
        connection.rollback();
        throw notParked(id);
      }
    }
    connection.commit();
  }

  private HermesException notParked(long id) {
    return new HermesException(
        "No event with the id " + id + " is parked, so nothing was " + done() + ".",
        "See ./hermes outbox list.",
        null);
  }

  /** The first of several events, to show. */
  static List<ParkedEvent> first(Connection connection, List<Long> chosen, int limit) {
    List<ParkedEvent> events = new ArrayList<>();
    for (long id : chosen.subList(0, Math.min(limit, chosen.size()))) {
      ParkedEvents.get(connection, id).ifPresent(events::add);
    }
    return events;
  }
}
