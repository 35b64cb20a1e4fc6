package io.hermes.schema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code make new}: writes the .proto file of a new event, ready to publish. */
final class NewEvent {

  private static final Pattern SNAKE_CASE = Pattern.compile("[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*");
  private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]+");
  private static final String DIRECTORY = "hermes/events/v1";
  private static final String TEMPLATE =
      """
      syntax = "proto3";

      package hermes.events.v1;

      import "hermes/contract/v1/topic.proto";

      option java_multiple_files = true;
      option java_outer_classname = "%1$sProto";
      option java_package = "io.hermes.events.v1";

      // Say here what has happened when this event is published.
      message %1$s {
        option (hermes.contract.v1.topic) = {
          name: "%2$s"
          key_field: "%3$s"
        };

        // Unique for each event.
        string event_id = 1;
        // When it happened, in milliseconds since the epoch.
        int64 timestamp = 2;
      %4$s}
      """;

  private NewEvent() {}

  /** Arguments: name, topic, key. */
  public static void main(String[] args) throws IOException {
    try {
      Path written =
          write(ProtoFiles.ownSources(ProtoFiles.repository()), args[0], args[1], args[2]);
      System.out.println("Written: " + written);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  static Path write(Path sources, String name, String topic, String key) throws IOException {
    require(SNAKE_CASE, "NAME", name, "lower case with underscores, such as order_placed");
    require(TOPIC, "TOPIC", topic, "letters, digits, '.', '_' and '-', such as orders.placed");
    require(
        SNAKE_CASE, "KEY", key, "a field's name in lower case with underscores, such as order_id");
    Path file = sources.resolve(DIRECTORY).resolve(name + ".proto");
    if (Files.exists(file)) {
      throw new IllegalArgumentException(
          "There is a " + file + " already; choose another NAME, or edit that file.");
    }
    String message =
        Arrays.stream(name.split("_"))
            .map(
                word -> word.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + word.substring(1))
            .collect(Collectors.joining());
    String keyField =
        key.equals("event_id") || key.equals("timestamp") ? "" : "  string " + key + " = 3;\n";
    Files.createDirectories(file.getParent());
    return Files.writeString(file, TEMPLATE.formatted(message, topic, key, keyField));
  }

  private static void require(Pattern pattern, String what, String value, String expected) {
    if (!pattern.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "%s is \"%s\", but must be %s.".formatted(what, value, expected));
    }
  }
}
