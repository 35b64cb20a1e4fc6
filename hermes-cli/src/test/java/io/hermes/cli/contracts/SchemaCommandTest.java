package io.hermes.cli.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.cli.NewEvent;
import io.hermes.cli.Run;
import io.hermes.cli.console.Console.Look;
import io.hermes.contract.CleanupPolicy;
import io.hermes.contract.EmptyKey;
import io.hermes.contract.TopicContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contracts, as the schema commands show them; none needs a broker. */
class SchemaCommandTest {

  @Test
  void listShowsEveryEventInAlignedColumns(@TempDir Path temp) throws Exception {
    TopicContract contract =
        TopicContract.newBuilder()
            .setName("a.topic")
            .setKeyField("order_id")
            .setPartitions(12)
            .build();
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, contract),
        () -> {
          List<String> lines = Run.hermes("", "schema", "list").lines();
          assertThat(lines.get(0))
              .matches("TOPIC +MESSAGE +KEY FIELD +TYPE FIELD +ENCODING +PARTITIONS");
          assertThat(lines.get(1))
              .matches("a.topic +orders.v1.OrderPlaced +order_id +- +plain +12");
          assertThat(lines)
              .hasSize(7)
              .anyMatch(
                  line ->
                      line.matches(
                          "payments.events +hermes.events.v1.PaymentEvent +payment_id +event_type"
                              + " +auto +default"));
          int column = lines.get(0).indexOf("KEY FIELD");
          assertThat(lines).allMatch(line -> line.startsWith("  ", column - 2));
          assertThat(lines).allMatch(line -> line.charAt(column) != ' ');
        });
  }

  @Test
  void listFitsATerminal() {
    List<String> usual = Run.hermes(new Look(80, true, false, false), "", "schema", "list").lines();
    assertThat(usual.get(5)).matches("user.events +UserEvent +user_id +event_type +plain +default");
    assertThat(usual).allMatch(line -> line.length() <= 80);
    List<String> small = Run.hermes(new Look(40, true, false, false), "", "schema", "list").lines();
    assertThat(small).hasSize(6).allMatch(line -> line.length() == 40 && line.endsWith("..."));
  }

  @Test
  void showIsJsonForScripts() {
    Run run = Run.hermes("", "schema", "show", "UserEvent", "--json");
    JsonObject event = JsonParser.parseString(run.out()).getAsJsonObject();
    assertThat(event.get("topic").getAsString()).isEqualTo("user.events");
    assertThat(event.get("source").getAsString()).isEqualTo("hermes/events/v1/user_event.proto");
    JsonObject key = event.getAsJsonArray("fields").get(2).getAsJsonObject();
    assertThat(key.get("name").getAsString()).isEqualTo("user_id");
    assertThat(key.get("number").getAsInt()).isEqualTo(3);
    assertThat(key.get("type").getAsString()).isEqualTo("string");
    assertThat(event.get("findings").isJsonArray()).isTrue();
    assertThat(Run.hermes("", "schema", "show", "orders.events", "--format", "json").lines())
        .hasSize(3);
  }

  @Test
  void listIsJsonForScripts() {
    List<JsonObject> events =
        Run.hermes("", "schema", "list", "--json").lines().stream()
            .map(line -> JsonParser.parseString(line).getAsJsonObject())
            .toList();
    assertThat(events)
        .extracting(event -> event.get("topic").getAsString())
        .containsExactly(
            "orders.events", "orders.events", "orders.events", "payments.events", "user.events");
    assertThat(events.get(3))
        .hasToString(
            "{\"topic\":\"payments.events\",\"message\":\"hermes.events.v1.PaymentEvent\",\"keyField\":"
                + "\"payment_id\",\"typeField\":\"event_type\",\"idField\":\"event_id\","
                + "\"encoding\":\"auto\",\"partitions\":null}");
    assertThat(events.get(0).get("typeField").isJsonNull()).isTrue();
  }

  @Test
  void showHasTheFieldsOfAllMessagesOfATopicAndOfTheTypesInside() {
    Run run = Run.hermes("", "schema", "show", "orders.events");
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines())
        .contains(
            "message     hermes.events.v1.OrderCancelled",
            "message     hermes.events.v1.OrderPaid",
            "message     hermes.events.v1.OrderPlaced",
            "topic       orders.events, shared with hermes.events.v1.OrderCancelled,"
                + " hermes.events.v1.OrderPaid",
            "key field   order_id; an event with an empty key field is rejected",
            "id field    event_id")
        .containsOnlyOnce("message hermes.events.v1.Money")
        .anyMatch(line -> line.matches(" +3  order_id +string +key"))
        .anyMatch(line -> line.matches(" +5  lines +repeated OrderPlaced.Line"))
        .anyMatch(
            line -> line.matches(" +7  ship_to +OrderPlaced.Address +redacted, oneof delivery"))
        .anyMatch(line -> line.matches(" +9  voucher +optional string"))
        .anyMatch(
            line -> line.matches(" +4  options +map<string, string> +Such as color and size\\."))
        .anyMatch(line -> line.matches(" +2  OUT_OF_STOCK"));
    assertThat(run.out()).doesNotContain("findings", "voucher  redacted");
  }

  @Test
  void showTakesAMessageWithOrWithoutItsPackageAndHasTheSchemasComments() {
    Run run = Run.hermes("", "schema", "show", "UserEvent");
    assertThat(run.out())
        .contains("            Something that happened to a user's account.\n")
        .contains("When it happened, in milliseconds since the epoch.\n")
        .containsPattern("4  event_type  UserEvent.EventType  type\\s")
        .containsPattern("1  email     optional string      redacted\\s")
        .doesNotContain("OrderPaid");
    assertThat(Run.hermes("", "schema", "show", "hermes.events.v1.UserEvent").out())
        .isEqualTo(run.out());
  }

  @Test
  void jsonHasTheTypesInsideTooEachOnce() {
    JsonObject order =
        JsonParser.parseString(Run.hermes("", "schema", "show", "OrderPlaced", "--json").out())
            .getAsJsonObject();
    List<String> types = new ArrayList<>();
    for (JsonElement type : order.getAsJsonArray("types")) {
      types.add(type.getAsJsonObject().get("message").getAsString());
    }
    assertThat(types)
        .containsExactlyInAnyOrder(
            "hermes.events.v1.OrderPlaced.Line",
            "hermes.events.v1.Money",
            "hermes.events.v1.OrderPlaced.Address",
            "hermes.events.v1.OrderPlaced.Pickup");
    assertThat(order.toString()).contains("\"oneof\":\"delivery\"");
    assertThat(Run.hermes("", "schema", "show", "UserEvent", "--json").out())
        .contains(
            "{\"enum\":\"hermes.events.v1.UserEvent.EventType\",\"values\":[{\"name\":\"UNKNOWN\"")
        .contains(
            "{\"name\":\"email\",\"number\":1,\"type\":\"optional string\",\"redacted\":true");
  }

  @Test
  void showHasWhatTheContractSaysOfTheTopicAndWhatTheRulesFind(@TempDir Path temp)
      throws Exception {
    TopicContract contract =
        TopicContract.newBuilder()
            .setName("compacted.events")
            .setKeyField("order_id")
            .setCleanupPolicy(CleanupPolicy.CLEANUP_POLICY_COMPACT)
            .setRetentionMs(86_400_000)
            .setPartitions(3)
            .setIdField("order_id")
            .build();
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, contract),
        () -> {
          Run run = Run.hermes("", "schema", "show", "compacted.events");
          assertThat(run.lines())
              .anyMatch(line -> line.matches("partitions +3"))
              .anyMatch(line -> line.matches("cleanup.policy +compact"))
              .anyMatch(line -> line.matches("retention.ms +86400000"))
              .anyMatch(line -> line.matches("key field +order_id; an event .* is rejected"))
              .anyMatch(line -> line.matches("id field +order_id"))
              .anyMatch(line -> line.matches("findings +WARNING: .*"));
          assertThat(run.exitCode()).isZero();
        });
  }

  @Test
  void aWrongContractIsNamedWithWhatToDo(@TempDir Path temp) throws Exception {
    TopicContract contract =
        TopicContract.newBuilder()
            .setName("compacted.events")
            .setKeyField("order_id")
            .setEmptyKey(EmptyKey.EMPTY_KEY_SPREAD)
            .setCleanupPolicy(CleanupPolicy.CLEANUP_POLICY_COMPACT)
            .build();
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, contract),
        () -> {
          Run run = Run.hermes("", "schema", "list");
          assertThat(run.exitCode()).isEqualTo(2);
          assertThat(run.err())
              .contains("a compacted topic rejects records without a key; remove empty_key");
        });
  }
}
