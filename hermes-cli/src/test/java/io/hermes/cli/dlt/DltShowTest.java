package io.hermes.cli.dlt;

import static io.hermes.cli.Records.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.EventHeaders;
import io.hermes.cli.Letters;
import io.hermes.cli.Run;
import io.hermes.cli.console.Console.Look;
import io.hermes.subscribe.DeadLetterHeaders;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

@KafkaTest
class DltShowTest {

  @Test
  void showsWhereWhoseWhyAndTheEvent(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    letters.add("a", 7);
    letters.send();
    Run pretty = letters.dlt("show");
    assertThat(pretty.lines().get(0))
        .startsWith(letters.letterTopic() + "-0@0  ")
        .contains("  key a  USER_LOGIN  plain  ");
    assertThat(pretty.lines().subList(1, 4))
        .containsExactly(
            "  was "
                + letters.topic()
                + "-0@7 of 2026-01-01T00:00:00.000Z, group billing, 5 attempts",
            "  java.lang.IllegalStateException: no account",
            "{");
    assertThat(pretty.out()).contains("\"email\": \"[REDACTED]\"");
    assertThat(pretty.err()).startsWith("1 record, ");
    assertThat(letters.dlt("show", "--reveal", "--headers").out())
        .contains("jane@example.com", "  trace: t-7", "  hermes-dlt-group: billing");
    assertThat(letters.dlt("show", "--format", "table").lines())
        .hasSize(2)
        .last()
        .asString()
        .contains(
            "  a         USER_LOGIN  billing   IllegalStateException         5  "
                + letters.topic()
                + "-0@7  {");
    assertThat(letters.dlt("redrive", "--yes").exitCode()).isZero();
    assertThat(letters.listed().get("redriven").getAsInt()).isEqualTo(1);
  }

  @Test
  void filtersByTypeExceptionGroupTimeAndNumber(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    for (int i = 0; i < 4; i++) {
      letters.add("a", i);
    }
    Letters.put(letters.add("a", 4), DeadLetterHeaders.EXCEPTION, "com.example.Outer$Broken");
    letters.send();
    assertThat(table(letters)).hasSize(5);
    assertThat(table(letters, "--type", "USER_LOGIN")).hasSize(2);
    assertThat(table(letters, "--exception", "IllegalStateException", "--limit", "3")).hasSize(3);
    assertThat(table(letters, "--exception", "Outer$Broken")).hasSize(1);
    assertThat(table(letters, "--exception", "Broken")).isEmpty();
    assertThat(table(letters, "--group", "shipping")).isEmpty();
    assertThat(table(letters, "--from", "1h")).hasSize(5);
    assertThat(table(letters, "--until", "1h")).isEmpty();
  }

  private static List<String> table(Letters letters, String... options) {
    String[] args = new String[options.length + 2];
    args[0] = "--format";
    args[1] = "table";
    System.arraycopy(options, 0, args, 2, options.length);
    Run run = letters.dlt("show", args);
    assertThat(run.exitCode()).isZero();
    return run.lines().stream().skip(1).toList();
  }

  @Test
  void whatIsNoEventIsShownAsHexWithTheReason(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    ProducerRecord<byte[], byte[]> letter = letters.add("a", 0);
    letter.headers().remove(EventHeaders.EVENT_TYPE);
    letters.replaceLast(letter, utf8("a"), utf8("hello"));
    ProducerRecord<byte[], byte[]> unknown = letters.add("a", 1);
    unknown.headers().remove(EventHeaders.MESSAGE_TYPE);
    letters.send();
    assertThat(letters.dlt("show").lines())
        .contains("  [REDACTED]: --reveal shows the bytes")
        .anyMatch(l -> l.startsWith("not decoded: "));
    List<String> lines = letters.dlt("show", "--reveal").lines();
    assertThat(lines).contains("  68 65 6c 6c 6f").anyMatch(l -> l.startsWith("not decoded: "));
    JsonObject second =
        JsonParser.parseString(letters.dlt("show", "--format", "json").lines().get(1))
            .getAsJsonObject();
    assertThat(second.get("problem").getAsString()).contains("has no message-type header");
    assertThat(second.get("valueHex").getAsString()).isNotEmpty();
  }

  @Test
  void theOriginsContractDecodesWhereNoHeaderNamesTheMessage(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    ProducerRecord<byte[], byte[]> letter = letters.add("a", 0);
    letter.headers().remove(EventHeaders.MESSAGE_TYPE);
    letter.headers().remove(EventHeaders.EVENT_TYPE);
    kafka.createTopic("user.events-dlt", 1);
    letters.replaceLast(
        new ProducerRecord<>(
            "user.events-dlt", null, letter.key(), letter.value(), letter.headers()));
    letters.send();
    String[] consume = {"consume", "--topic", "user.events-dlt", "--to-end", "--format", "json"};
    String[] show = {"dlt", "show", "user.events-dlt", "--type", "USER_LOGOUT", "--format", "json"};
    for (String[] command : List.of(consume, show)) {
      JsonObject json =
          JsonParser.parseString(Run.hermes(kafka.bootstrapServers(), command).out())
              .getAsJsonObject();
      assertThat(json.getAsJsonObject("event").get("eventId").getAsString()).isEqualTo("e-0");
      assertThat(json.getAsJsonObject("deadLetter").get("group").getAsString())
          .isEqualTo("billing");
    }
  }

  @Test
  void headersNeverControlTheTerminalAndMayBeMissing(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    ProducerRecord<byte[], byte[]> letter = letters.add("a", 0);
    String attack = "\u001b[31m\u009b2J\u202eevil\r\n";
    for (String name :
        List.of(
            DeadLetterHeaders.TOPIC,
            DeadLetterHeaders.GROUP,
            DeadLetterHeaders.EXCEPTION,
            DeadLetterHeaders.MESSAGE)) {
      Letters.put(letter, name, attack);
    }
    ProducerRecord<byte[], byte[]> bare = letters.add("a", 1);
    List.of(bare.headers().toArray()).forEach(header -> bare.headers().remove(header.key()));
    letters.send();
    for (String[] command :
        List.of(
            new String[] {"dlt", "show", letters.letterTopic()},
            new String[] {"dlt", "show", letters.letterTopic(), "--format", "table"},
            new String[] {"dlt", "redrive", letters.letterTopic(), "--dry-run"},
            new String[] {"dlt", "list"})) {
      for (Look look : List.of(Look.PLAIN, new Look(100, false, false, true))) {
        String out = Run.hermes(look, kafka.bootstrapServers(), command).out();
        assertThat(out).doesNotContain("\u001b", "\u009b", "\u202e", "\r").isNotEmpty();
      }
    }
    assertThat(letters.dlt("show", "--format", "table").lines().get(2))
        .matches(" +0 +1  \\S+  a +- +- +- +- +- +not decoded: .*");
  }
}
