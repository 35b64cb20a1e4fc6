package io.hermes.cli.outbox;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.hermes.Topic;
import io.hermes.cli.console.Columns;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Table;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.Contracts;
import io.hermes.contract.json.EventJson;
import io.hermes.jdbc.ParkedEvents.ParkedEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Parked events as a table or as JSON. Keys and ids are hidden if the schema marks them {@code
 * debug_redact}, or if the schema is unknown.
 */
final class ParkedTable {

  private final Console console;
  private final @Nullable Contracts contracts;

  /**
   * A table.
   *
   * @param contracts null to hide nothing
   */
  ParkedTable(Console console, @Nullable Contracts contracts) {
    this.console = console;
    this.contracts = contracts;
  }

  void print(List<ParkedEvent> events) {
    Instant now = Instant.now();
    Table table = new Table(" ID", "TOPIC", "KEY", "TYPE", "EVENT ID", " AGE", "REASON");
    for (ParkedEvent event : events) {
      Duration age = Duration.between(event.createdAt(), now);
      table.add(
          Long.toString(event.id()),
          Text.printable(event.topic()),
          Columns.key(console, Text.printable(key(event).orElse("-"))),
          Text.printable(event.eventType().orElseGet(() -> simpleName(event.messageType()))),
          Text.printable(eventId(event).orElse("-")),
          Units.duration(age.isNegative() ? Duration.ZERO : age),
          Text.printable(event.reason()));
    }
    table.print(console);
  }

  JsonArray json(List<ParkedEvent> events) {
    JsonArray array = new JsonArray();
    for (ParkedEvent event : events) {
      JsonObject json = new JsonObject();
      json.addProperty("id", event.id());
      json.addProperty("topic", event.topic());
      json.addProperty("key", key(event).orElse(null));
      json.addProperty("eventType", event.eventType().orElse(null));
      json.addProperty("messageType", event.messageType());
      json.addProperty("eventId", eventId(event).orElse(null));
      json.addProperty("created", Text.time(event.createdAt()));
      json.addProperty("parked", Text.time(event.parkedAt()));
      json.addProperty("reason", event.reason());
      array.add(json);
    }
    return array;
  }

  /** Whether a key or an id is hidden only because its contract is unknown. */
  boolean hidesUnknown(List<ParkedEvent> events) {
    return contracts != null
        && events.stream()
            .filter(event -> event.key().isPresent() || event.eventId().isPresent())
            .anyMatch(event -> contracts.find(event.messageType()).isEmpty());
  }

  private Optional<String> key(ParkedEvent event) {
    return event.key().map(key -> hidesKey(event) ? EventJson.REDACTED : key);
  }

  private Optional<String> eventId(ParkedEvent event) {
    return event.eventId().map(id -> hidesId(event) ? EventJson.REDACTED : id);
  }

  private boolean hidesKey(ParkedEvent event) {
    return contracts != null
        && contracts
            .find(event.messageType())
            .map(Topic::descriptor)
            .map(EventJson::hidesKey)
            .orElse(true);
  }

  private boolean hidesId(ParkedEvent event) {
    return contracts != null
        && contracts
            .find(event.messageType())
            .map(Topic::descriptor)
            .map(EventJson::hidesId)
            .orElse(true);
  }

  private static String simpleName(String messageType) {
    return messageType.substring(messageType.lastIndexOf('.') + 1);
  }
}
