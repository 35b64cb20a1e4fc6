package io.hermes.cli.outbox;

import com.google.gson.JsonObject;
import io.hermes.HermesException;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.ExitCode;
import io.hermes.cli.console.NamedLines;
import io.hermes.cli.console.Numbers;
import io.hermes.cli.console.OutputOption;
import io.hermes.cli.console.Units;
import io.hermes.jdbc.OutboxBacklog;
import io.hermes.jdbc.ParkedEvents;
import io.hermes.jdbc.ParkedEvents.ParkedEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows how many events an outbox has, and which are parked. */
@Command(
    name = "list",
    description = {
      "Show how many events wait in an outbox, and those that are parked, oldest first: with their"
          + " age since they were added, and the reason why they were rejected.",
      "Keys and ids that their schema marks debug_redact are hidden, and so are those of a message"
          + " whose contract is not known: name it with --classpath."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes outbox list",
      "  ./hermes outbox list --jdbc-url jdbc:postgresql://localhost:5432/orders",
      "  ./hermes outbox list --json | jq -r '.events[].reason'"
    })
final class OutboxListCommand implements Callable<Integer> {

  private static final long COUNTED = 100_000;

  private final Console console;
  @Mixin private final DatabaseOptions database;

  @Option(
      names = "--limit",
      paramLabel = "<n>",
      defaultValue = "100",
      description = "The most parked events to show. Default: 100.")
  private int limit;

  @Option(
      names = "--reveal",
      description = "Show all keys and ids. Default: some are hidden, as above.")
  private boolean reveal;

  @Mixin private final OutputOption output = new OutputOption();

  OutboxListCommand(Console console, Map<String, String> environment) {
    this.console = console;
    this.database = new DatabaseOptions(environment);
  }

  @Override
  public Integer call() {
    Numbers.require(limit >= 1, "--limit", "1 or more", limit);
    ParkedTable table =
        new ParkedTable(console, reveal ? null : database.contracts().contractsIfAny());
    OutboxDatabase outbox = database.database();
    OutboxBacklog backlog;
    List<ParkedEvent> events;
    try (Connection connection = outbox.connect()) {
      backlog = OutboxBacklog.of(connection);
      events = ParkedEvents.list(connection, limit);
    } catch (SQLException e) {
      throw new HermesException("The connection to " + outbox.name() + " was not closed.", e);
    }
    if (output.isJson()) {
      OutputOption.print(console, json(backlog, table, events));
    } else {
      facts(backlog).print(console);
      if (!events.isEmpty()) {
        console.out().println();
        table.print(events);
      }
    }
    console.out().flush();
    if (!output.isJson() && backlog.parked() > events.size()) {
      console
          .err()
          .println("The oldest " + Units.count(events.size()) + ". For more, use --limit.");
    }
    if (table.hidesUnknown(events)) {
      console
          .err()
          .println(
              "Keys and ids of messages without a known contract are hidden. Name their contracts with"
                  + " --classpath, or use --reveal.");
    }
    return ExitCode.OK;
  }

  private static NamedLines facts(OutboxBacklog backlog) {
    NamedLines facts = new NamedLines();
    facts.add(
        "pending",
        count(backlog.pending())
            + backlog.oldest().map(age -> ", the oldest for " + Units.duration(age)).orElse(""));
    facts.add("parked", count(backlog.parked()));
    return facts;
  }

  /** Counting stops at a maximum. */
  private static String count(long count) {
    return count > COUNTED ? "more than " + Units.count(COUNTED) : Units.count(count);
  }

  private static JsonObject json(
      OutboxBacklog backlog, ParkedTable table, List<ParkedEvent> events) {
    JsonObject json = new JsonObject();
    json.addProperty("pending", backlog.pending());
    json.addProperty("parked", backlog.parked());
    json.addProperty("oldestMs", backlog.oldest().map(Duration::toMillis).orElse(null));
    json.add("events", table.json(events));
    return json;
  }
}
