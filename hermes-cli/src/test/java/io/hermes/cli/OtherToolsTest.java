package io.hermes.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.EmbeddedKafka;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The wire contract as programs without Hermes see it: Debian's kcat (librdkafka) and protoc. Where
 * one is missing the tests fail.
 */
@Tag("full")
class OtherToolsTest {

  private static final EmbeddedKafka KAFKA = EmbeddedKafka.start();
  private static final String BROKER = KAFKA.bootstrapServers();
  private static final String TEXT =
      """
      event_id: "from-kcat"
      timestamp: 1767225600000
      user_id: "user-42"
      event_type: USER_LOGOUT
      data {
        metadata {
          key: "source"
          value: "kcat"
        }
      }
      """;

  private final Path temp;
  private final Path schema;

  /** Debian's protoc is older than our .proto file, not than the descriptor set of it. */
  OtherToolsTest(@TempDir Path temp) throws IOException {
    this.temp = temp;
    this.schema = temp.resolve("schema.binpb");
    try (InputStream set =
        UserEvent.class.getResourceAsStream("/META-INF/hermes/hermes-schema.binpb")) {
      Files.copy(Objects.requireNonNull(set), schema);
    }
  }

  @AfterAll
  static void stop() {
    KAFKA.close();
  }

  @Test
  void kcatAndProtocReadWhatProduceWrote() throws Exception {
    Run.hermes(BROKER, "produce", "--seed", "1");
    List<String> lines =
        output(
                new byte[0],
                "kcat",
                "-b",
                BROKER,
                "-C",
                "-t",
                "user.events",
                "-o",
                "beginning",
                "-e",
                "-q",
                "-c",
                "101",
                "-f",
                "%k %h\\n")
            .lines()
            .toList();
    String type = " event-type=USER_LOGIN,message-type=hermes.events.v1.UserEvent";
    assertThat(lines).hasSize(101);
    assertThat(lines.get(0))
        .isEqualTo("user-123 event-type=USER_REGISTERED,message-type=hermes.events.v1.UserEvent");
    for (int i = 1; i <= 100; i++) {
      assertThat(lines.get(i)).isEqualTo("user-" + (i - 1) + type);
    }

    byte[] value =
        bytes(
            new byte[0],
            "kcat",
            "-b",
            BROKER,
            "-C",
            "-t",
            "user.events",
            "-o",
            "beginning",
            "-q",
            "-c",
            "1",
            "-D",
            "",
            "-f",
            "%s");
    assertThat(protoc("--decode", value))
        .contains("user_id: \"user-123\"", "event_type: USER_REGISTERED", "email: \"user-123@");
    assertThat(Run.hermes(BROKER, "consume", "--limit", "1", "--format", "json").out())
        .contains("\"valueBytes\":" + value.length);
  }

  @Test
  void consumeShowsWhatKcatWrote() throws Exception {
    Run.hermes(BROKER, "produce", "--count", "1"); // creates the topic
    Path value = temp.resolve("event.binpb");
    Files.write(value, bytes(TEXT.getBytes(UTF_8), protocCommand("--encode")));
    output(
        new byte[0],
        "kcat",
        "-b",
        BROKER,
        "-P",
        "-t",
        "user.events",
        "-k",
        "user-42",
        "-H",
        "event-type=USER_LOGOUT",
        value.toString());
    Run run = Run.hermes(BROKER, "consume", "--to-end", "--key", "user-42", "--format", "json");
    assertThat(run.lines()).isNotEmpty();
    JsonObject record =
        run.lines().stream()
            .map(line -> JsonParser.parseString(line).getAsJsonObject())
            .filter(
                json ->
                    json.getAsJsonObject("event").get("eventId").getAsString().equals("from-kcat"))
            .findFirst()
            .orElseThrow();
    assertThat(record.get("eventType").getAsString()).isEqualTo("USER_LOGOUT");
    assertThat(record.get("messageType").isJsonNull()).isTrue();
    assertThat(record.getAsJsonObject("event"))
        .isEqualTo(
            JsonParser.parseString(
                """
                {"eventId": "from-kcat", "timestamp": "1767225600000", "userId": "user-42",
                 "eventType": "USER_LOGOUT", "data": {"metadata": {"source": "kcat"}}}
                """));
  }

  private String protoc(String mode, byte[] input) throws Exception {
    return new String(bytes(input, protocCommand(mode)), UTF_8);
  }

  private String[] protocCommand(String mode) {
    return new String[] {
      "protoc",
      mode + "=hermes.events.v1.UserEvent",
      "--descriptor_set_in=" + schema,
      "hermes/events/v1/user_event.proto"
    };
  }

  private static String output(byte[] input, String... command) throws Exception {
    return new String(bytes(input, command), UTF_8);
  }

  private static byte[] bytes(byte[] input, String... command) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      throw new AssertionError(
          "Install " + command[0] + ": apt-get install kcat protobuf-compiler", e);
    }
    try (var in = process.getOutputStream()) {
      in.write(input);
    }
    byte[] out = process.getInputStream().readAllBytes();
    assertThat(process.waitFor(30, SECONDS)).isTrue();
    assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
    return out;
  }
}
