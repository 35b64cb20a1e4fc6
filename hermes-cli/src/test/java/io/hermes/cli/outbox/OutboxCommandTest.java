package io.hermes.cli.outbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import io.hermes.cli.Acme;
import io.hermes.cli.Run;
import io.hermes.contract.TopicContract;
import io.hermes.contract.TopicProto;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The parked events of an outbox in H2, as the commands list and change them. */
class OutboxCommandTest {

  private static final String PASSWORD = "s3cret-of-the-outbox";

  private final ParkedRows rows =
      new ParkedRows(
          "jdbc:h2:mem:"
              + UUID.randomUUID()
              + ";DB_CLOSE_DELAY=-1;USER=hermes;PASSWORD="
              + PASSWORD);

  @BeforeEach
  void create() throws SQLException {
    rows.createTables();
  }

  @Test
  void listShowsWhatWaitsAndWhatIsParkedWithItsReason() throws Exception {
    long first = rows.park("u1");
    long second = rows.park("u2");
    rows.add("u3", "u4", "u5");
    Run run = rows.hermes("outbox", "list");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.lines())
        .satisfiesExactly(
            line -> assertThat(line).matches("pending  3, the oldest for [0-9.]+ m?s"),
            line -> assertThat(line).isEqualTo("parked   2"),
            line -> assertThat(line).isEmpty(),
            line -> assertThat(line).matches("ID +TOPIC +KEY +TYPE +EVENT ID +AGE +REASON"),
            line ->
                assertThat(line)
                    .matches(
                        " *"
                            + first
                            + "  user.events  u1   USER_LOGIN  e-u1 +[0-9.]+ m?s  "
                            + ParkedRows.REASON),
            line -> assertThat(line).contains(second + "  user.events  u2   USER_LOGIN  e-u2"));

    Run short1 = rows.hermes("outbox", "list", "--limit", "1");
    assertThat(short1.lines()).hasSize(5);
    assertThat(short1.err()).isEqualTo("The oldest 1. For more, use --limit.\n");
  }

  @Test
  void listIsOneObjectForScripts() throws Exception {
    long id = rows.park("u1");
    JsonObject list =
        JsonParser.parseString(rows.hermes("outbox", "list", "--json").out()).getAsJsonObject();
    assertThat(list.get("pending").getAsLong()).isZero();
    assertThat(list.get("parked").getAsLong()).isEqualTo(1);
    assertThat(list.get("oldestMs").isJsonNull()).isTrue();
    JsonObject event = list.getAsJsonArray("events").get(0).getAsJsonObject();
    assertThat(event.remove("created").getAsString()).endsWith("Z");
    assertThat(event.remove("parked").getAsString()).endsWith("Z");
    assertThat(event)
        .hasToString(
            ("{'id':%d,'topic':'user.events','key':'u1','eventType':'USER_LOGIN','messageType':"
                    + "'hermes.events.v1.UserEvent','eventId':'e-u1','reason':'%s'}")
                .formatted(id, ParkedRows.REASON)
                .replace('\'', '"'));
    rows.add("u2");
    assertThat(rows.hermes("outbox", "list", "--json").out()).containsPattern("\"oldestMs\":\\d+,");
  }

  @Test
  void anEmptyOutboxHasNoTable() {
    Run run = rows.hermes("outbox", "list");
    assertThat(run.lines()).containsExactly("pending  0", "parked   0");
    assertThat(rows.hermes("outbox", "retry", "--all").out())
        .startsWith("retried  nothing: no event is parked at jdbc:h2:mem:");
    assertThat(rows.hermes("outbox", "drop", "--all").out()).startsWith("dropped  nothing: ");
  }

  @Test
  void keysAndIdsAreHiddenIfTheSchemaSaysSoOrIsNotKnown(@TempDir Path temp) throws Exception {
    long id = rows.park("jane.doe");
    String message = "UPDATE hermes_outbox SET message_type = '%s' WHERE id = " + id;
    rows.execute(message.formatted("acme.shipping.v1.ParcelShipped"));

    Run unknown = rows.hermes("outbox", "list");
    assertThat(unknown.out()).contains("[REDACTED]").doesNotContain("jane.doe");
    assertThat(unknown.err())
        .startsWith("Keys and ids of messages without a known contract are hidden.");
    assertThat(rows.hermes("outbox", "list", "--json").out()).doesNotContain("jane.doe");

    String shown = Acme.file(temp.resolve("a.binpb"), Acme.descriptors()).toString();
    Run known = rows.hermes("outbox", "list", "--descriptors", shown);
    assertThat(known.out()).contains("  jane.doe  ", "  e-jane.doe  ");
    assertThat(known.err()).isEmpty();

    String hidden =
        Acme.file(temp.resolve("b.binpb"), Acme.with(Acme.PARCEL, OutboxCommandTest::hideKey))
            .toString();
    Run redacted = rows.hermes("outbox", "list", "--descriptors", hidden);
    assertThat(redacted.out()).contains("[REDACTED]").doesNotContain("jane.doe");
    assertThat(rows.hermes("outbox", "list", "--descriptors", hidden, "--reveal").out())
        .contains("  jane.doe  ", "e-jane.doe");
  }

  /** Its key, which is its id as well. */
  private static FileDescriptorProto hideKey(FileDescriptorProto file) {
    FileDescriptorProto.Builder changed = file.toBuilder();
    DescriptorProto.Builder message = changed.getMessageTypeBuilder(0);
    message.getFieldBuilder(0).getOptionsBuilder().setDebugRedact(true);
    TopicContract contract = message.getOptions().getExtension(TopicProto.topic);
    message
        .getOptionsBuilder()
        .setExtension(TopicProto.topic, contract.toBuilder().setIdField("parcel_id").build());
    return changed.build();
  }

  @Test
  void retryTakesTheNamedOnesOrAll() throws Exception {
    long first = rows.park("u1");
    long second = rows.park("u2");
    long third = rows.park("u3");
    Run run = rows.hermes("outbox", "retry", Long.toString(second));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("retried  1 parked event at jdbc:h2:mem:");
    assertThat(rows.pending()).containsExactly(second);
    assertThat(rows.parked()).containsExactly(first, third);
    assertThat(rows.hermes("outbox", "retry", "--all").out()).startsWith("retried  2 parked event");
    assertThat(rows.parked()).isEmpty();
    assertThat(rows.pending()).containsExactly(first, second, third);
  }

  @Test
  void dropShowsWhatAndAsksFirst() throws Exception {
    long first = rows.park("u1");
    long second = rows.park("u2");
    String[] drop = {"outbox", "drop", Long.toString(first)};
    Run no = answered("n\n", drop);
    assertThat(no.exitCode()).isEqualTo(1);
    assertThat(no.out()).contains("u1", ParkedRows.REASON).doesNotContain("u2");
    assertThat(no.err())
        .startsWith("Drop 1 parked event at jdbc:h2:mem:")
        .contains("? They will never be published. [y/N] Nothing was done.");
    assertThat(rows.parked()).containsExactly(first, second);

    assertThat(answered("y\n", drop).out()).contains("dropped  1 parked event at jdbc:h2:mem:");
    assertThat(rows.parked()).containsExactly(second);
    rows.add("u3");
    Run all = rows.hermes("outbox", "drop", "--all", "--yes");
    assertThat(all.out()).startsWith("dropped  1 parked event at ");
    assertThat(all.err()).isEmpty();
    assertThat(rows.parked()).isEmpty();
    assertThat(rows.pending()).hasSize(1);
  }

  private Run answered(String text, String... args) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(text.getBytes(UTF_8)));
    try {
      return rows.hermes(args);
    } finally {
      System.setIn(before);
    }
  }

  /** Not even those that are parked: a wrong id is a mistake. */
  @Test
  void anIdThatIsNotParkedChangesNothing() throws Exception {
    long parked = rows.park("u1");
    rows.add("u2");
    long pending = rows.pending().get(0);
    for (String[] command :
        List.of(
            new String[] {"outbox", "retry", "" + parked, "" + pending},
            new String[] {"outbox", "drop", "" + parked, "" + pending, "--yes"})) {
      Run run = rows.hermes(command);
      assertThat(oneLine(run))
          .contains("No event with the id " + pending + " is parked, so nothing was ")
          .contains("See ./hermes outbox list.");
      assertThat(run.exitCode()).isEqualTo(1);
    }
    assertThat(rows.parked()).containsExactly(parked);
    assertThat(rows.pending()).containsExactly(pending);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          outbox                      | subcommand   | See ./hermes outbox --help
          outbox list --limit 0       | --limit      | 1 or more
          outbox retry                | the ids of parked events | use --all.
          outbox retry 1 --all        | use --all    | not both
          outbox drop                 | the ids of parked events | use --all.
          outbox drop x               | 'x'          | See ./hermes outbox drop --help
          outbox list --jdbc-url postgresql://h/db | must begin with jdbc: | Correct --jdbc-url
          outbox list --jdbc-url jdbc:other:db | no driver for jdbc:other:db | HERMES_CLASSPATH
          outbox list --classpath /nowhere.jar | there is no jar or folder /nowhere.jar | --classpath
          """)
  void wrongOptionsAreRefused(String command, String what, String whatToDo) {
    Run run = rows.hermes(command.split(" "));
    assertThat(oneLine(run)).contains(what, whatToDo);
    assertThat(run.exitCode()).isEqualTo(2);
  }

  @Test
  void aDatabaseMustBeNamed() {
    for (String command : List.of("list", "retry --all", "drop --all")) {
      Run run = ParkedRows.hermes(Map.of(), ("outbox " + command).split(" "));
      assertThat(oneLine(run)).contains("No database URL is set", "HERMES_JDBC_URL");
      assertThat(run.exitCode()).isEqualTo(2);
    }
  }

  @Test
  void aDatabaseThatRefusesOrHasNoOutboxIsNamedWithoutItsPassword() throws Exception {
    String wrong = rows.url().replace(PASSWORD, "wr0ng-password");
    Run refused = ParkedRows.hermes(Map.of("HERMES_JDBC_URL", wrong), "outbox", "list");
    assertThat(oneLine(refused))
        .contains("rejects the user", "--jdbc-user", "HERMES_JDBC_PASSWORD")
        .doesNotContain("wr0ng-password");
    assertThat(refused.exitCode()).isEqualTo(1);

    String unset = rows.url().replaceAll(";USER.*", "");
    Run fromVariable =
        ParkedRows.hermes(
            Map.of("HERMES_JDBC_URL", unset, "HERMES_JDBC_PASSWORD", PASSWORD),
            "outbox",
            "list",
            "--jdbc-user",
            "hermes");
    assertThat(fromVariable.out()).as(fromVariable.err()).contains("parked   0");

    Run nobody = rows.hermes("outbox", "list", "--jdbc-url", "jdbc:postgresql://127.0.0.1:1/db");
    assertThat(oneLine(nobody))
        .contains("Cannot connect to jdbc:postgresql://127.0.0.1:1/db", "that the database is");
    assertThat(nobody.exitCode()).isEqualTo(1);

    rows.execute("DROP TABLE hermes_outbox");
    for (String command : List.of("list", "retry --all", "drop 1 --yes")) {
      Run empty = rows.hermes(("outbox " + command).split(" "));
      assertThat(oneLine(empty)).contains("A table of Hermes is missing", "hermes/jdbc");
      assertThat(empty.exitCode()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "jdbc:postgresql://h:1/db?user=u&password=s3cret-x, jdbc:postgresql://h:1/db",
    "jdbc:mysql://u:s3cret-x@h:1/db?a=b, jdbc:mysql://h:1/db",
    "jdbc:sqlserver://h:1;password=s3cret-x;a=b, jdbc:sqlserver://h:1",
  })
  void thePasswordIsNeverPrinted(String url, String name) {
    assertThat(new OutboxDatabase(url, null, null, List.of()).name()).isEqualTo(name);
    Run run = rows.hermes("outbox", "list", "--debug", "--jdbc-url", url.replace("h:1", "h:x"));
    assertThat(run.err()).contains(name.replace("h:1", "h:x")).doesNotContain("s3cret-x");
    assertThat(run.out()).isEmpty();
    assertThat(run.exitCode()).isPositive();
  }

  private static String oneLine(Run run) {
    assertThat(run.err().lines()).as(run.err()).hasSize(1);
    assertThat(run.err()).startsWith("hermes: ").doesNotContain("Exception");
    assertThat(run.err()).doesNotContain(PASSWORD);
    return run.err();
  }
}
