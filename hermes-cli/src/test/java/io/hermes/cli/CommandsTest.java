package io.hermes.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.testkit.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a Kafka of their own, since all of them use the topics of the contracts. */
class CommandsTest {

  private static final EmbeddedKafka KAFKA = EmbeddedKafka.start();
  private static final String BROKER = KAFKA.bootstrapServers();

  @BeforeAll
  static void publishTheSampleEvents() {
    Run produced = Run.hermes(BROKER, "produce", "--seed", "1");
    assertThat(produced.err()).isEmpty();
    assertThat(produced.lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .isEqualTo("published        101 events to user.events at " + BROKER),
            line -> assertThat(line).matches("keys and values  \\d+\\.\\d KiB before compression"),
            line -> assertThat(line).matches("time             [0-9.]+ m?s, [0-9,]+/s"));
    assertThat(produced.exitCode()).isZero();
  }

  @AfterAll
  static void stop() {
    KAFKA.close();
  }

  @Test
  void consumeShowsWhatProducePublished() {
    Run consumed = Run.hermes(BROKER, "consume", "--to-end", "--json", "--limit", "101");
    List<JsonObject> events =
        consumed.lines().stream()
            .map(line -> JsonParser.parseString(line).getAsJsonObject())
            .toList();
    assertThat(events).hasSize(101);
    assertThat(events.get(0).get("eventType").getAsString()).isEqualTo("USER_REGISTERED");
    assertThat(events.get(0).get("key").getAsString()).isEqualTo("user-123");
    assertThat(events.get(0).toString()).doesNotContain("@example.com");
    for (int i = 1; i <= 100; i++) {
      assertThat(events.get(i).get("eventType").getAsString()).isEqualTo("USER_LOGIN");
      assertThat(events.get(i).get("key").getAsString()).isEqualTo("user-" + (i - 1));
      assertThat(events.get(i).get("offset").getAsLong()).isEqualTo(i);
      assertThat(events.get(i).getAsJsonObject("event").get("timestamp").getAsString())
          .isEqualTo(Long.toString(1_767_225_600_000L + i * 1_000L));
    }
    assertThat(consumed.err()).isEqualTo("101 records, 9.4 KiB.\n");
    assertThat(consumed.exitCode()).isZero();
  }

  @Test
  void consumeFiltersByKeyTypePlaceAndNumber() {
    assertThat(table("--key", "user-7", "--limit", "1"))
        .singleElement()
        .asString()
        .contains(" user-7 ");
    assertThat(table("--type", "USER_REGISTERED", "--limit", "1"))
        .singleElement()
        .asString()
        .contains(" user-123 ");
    assertThat(table("--from", "99", "--limit", "2"))
        .hasSize(2)
        .first()
        .asString()
        .contains(" user-98 ");
    assertThat(table("--from", "1h", "--limit", "3")).hasSize(3);
    assertThat(table("--from", Instant.now().plusSeconds(3_600).toString())).isEmpty();
    assertThat(table("--from", "latest")).isEmpty();
    assertThat(table("--key", "nobody")).isEmpty();
  }

  private static List<String> table(String... options) {
    List<String> args = new ArrayList<>(List.of("consume", "--to-end", "--format", "table"));
    args.addAll(List.of(options));
    Run run = Run.hermes(BROKER, args.toArray(String[]::new));
    assertThat(run.exitCode()).isZero();
    return run.lines().stream().skip(1).toList();
  }

  @Test
  void consumeRevealsAndShowsHeadersOnDemand() {
    String shown = Run.hermes(BROKER, "consume", "--limit", "1", "--reveal", "--headers").out();
    assertThat(shown)
        .contains(
            "\"email\": \"user-123@example.com\"", "  message-type: hermes.events.v1.UserEvent");
  }

  @Test
  void aTimeIsNeverTakenForAnOffset() {
    assertThat(Run.hermes(BROKER, "produce", "--count", "3").exitCode()).isZero();
    String[] consume = {"consume", "--topic", "user.events", "--to-end", "--json", "--from", ""};
    long now = Instant.now().toEpochMilli();
    consume[6] = Long.toString(now - 3_600_000);
    assertThat(Run.hermes(BROKER, consume).lines()).hasSizeGreaterThanOrEqualTo(3);
    consume[6] = Long.toString(now + 3_600_000);
    Run later = Run.hermes(BROKER, consume);
    assertThat(later.out()).isEmpty();
    assertThat(later.exitCode()).isZero();
    for (String more : List.of("--from", "--limit 1 --group g --from")) {
      String command = "consume --topic user.events " + more + " 1764201600";
      Run seconds = Run.hermes(BROKER, command.split(" "));
      assertThat(seconds.err())
          .startsWith("hermes: --from 1764201600 is beyond the end of every partition of")
          .endsWith(" If it is a time in seconds since 1970, use 2025-11-27T00:00:00Z.\n");
      assertThat(seconds.exitCode()).isEqualTo(2);
    }
    Run train =
        Run.hermes(BROKER, "dictionary", "train", "--topic", "user.events", "--from", "999999");
    assertThat(train.err()).contains("--from 999999 is beyond the end of every partition");
  }

  @Test
  void consumeShowsForeignBytesAndGoesOn(@TempDir Path temp) throws Exception {
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, "foreign.events"),
        () -> {
          String topic = "foreign.events";
          KAFKA.createTopic(topic, 1);
          send(topic, "o-1", new byte[] {0x0a, 3, 'o', '-', '1', 0x10, 7});
          send(topic, "o-2", new byte[] {0x0a, 99});
          send(topic, "o-3", null);
          Run run = Run.hermes(BROKER, "consume", "--topic", topic, "--to-end", "--format", "json");
          assertThat(run.lines())
              .satisfiesExactly(
                  line ->
                      assertThat(line).contains("\"event\":{\"orderId\":\"o-1\",\"cents\":\"7\"}"),
                  line ->
                      assertThat(line).contains("\"problem\":\"", "\"valueHex\":\"[REDACTED]\""),
                  line -> assertThat(line).contains("\"event\":null"));
          assertThat(run.err()).contains("3 records", "1 not decoded");
          assertThat(Run.hermes(BROKER, "consume", "--to-end", "--format", "table").out())
              .contains("TOPIC", topic, "user.events");
        });
  }

  private static void send(String topic, String key, byte @Nullable [] value) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", BROKER),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic, Records.utf8(key), value)).get(10, SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void produceRepeatsTheEventsOfASeedByteByByte() {
    for (int i = 0; i < 2; i++) {
      Run.hermes(BROKER, "produce", "--seed", "7", "--count", "5", "--users", "2", "--size", "200");
    }
    List<String> lines =
        Run.hermes(BROKER, "consume", "--to-end", "--format", "json", "--from", "101").lines();
    Map<String, Integer> events = new HashMap<>();
    for (String line : lines) {
      events.merge(line.substring(line.indexOf("\"event\":")), 1, Integer::sum);
    }
    assertThat(events.values()).filteredOn(count -> count == 2).hasSize(5);
  }

  @Test
  void producePrintsReceiptsAndKeepsToTheRate() {
    long startNs = System.nanoTime();
    Run run = Run.hermes(BROKER, "produce", "--verbose", "--count", "11", "--rate", "10");
    assertThat(System.nanoTime() - startNs).isGreaterThan(1_000_000_000L);
    assertThat(run.lines().subList(0, 11))
        .allMatch(
            line -> line.matches("user\\.events-0@\\d+  \\S+Z  key user-\\d+  USER_\\w+  \\d+ B"));
  }

  @Test
  void produceGivesReceiptsAndSummaryToScripts() {
    String[] args = {"produce", "--verbose", "--count", "2", "--seed", "1", "--format", "json"};
    List<JsonObject> lines =
        Run.hermes(BROKER, args).lines().stream()
            .map(line -> JsonParser.parseString(line).getAsJsonObject())
            .toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(1).get("offset").getAsLong())
        .isEqualTo(lines.get(0).get("offset").getAsLong() + 1);
    assertThat(lines.get(1).get("key").getAsString()).isEqualTo("user-0");
    assertThat(lines.get(1).get("eventType").getAsString()).isEqualTo("USER_LOGIN");
    assertThat(lines.get(2).remove("ms").getAsLong()).isNotNegative();
    assertThat(lines.get(2))
        .hasToString(
            "{\"topic\":\"user.events\",\"acknowledged\":2,\"notAcknowledged\":0,\"plainBytes\":"
                + (bytes(lines.get(0)) + bytes(lines.get(1)))
                + "}");
  }

  private static int bytes(JsonObject receipt) {
    return receipt.get("keyBytes").getAsInt() + receipt.get("valueBytes").getAsInt();
  }

  @Test
  void stopEndsEndlessCommandsWithTheirSummary() throws Exception {
    Stop stop = new Stop();
    var producing =
        CompletableFuture.supplyAsync(
            () -> Run.hermes(stop, Look.PLAIN, BROKER, "produce", "--forever", "--rate", "50"));
    var consuming =
        CompletableFuture.supplyAsync(
            () -> Run.hermes(stop, Look.PLAIN, BROKER, "consume", "--from", "latest"));
    // Another consumer sees that producing has begun.
    Run.hermes(BROKER, "consume", "--from", "latest", "--limit", "3");
    stop.request();
    assertThat(producing.get(30, SECONDS).out()).contains("published  ", "events to user.events");
    assertThat(consuming.get(30, SECONDS).err()).contains("record");
    assertThat(producing.get().exitCode()).isZero();
  }

  @Test
  void aGroupGoesOnWhereItEndedAndShowsWhatItCannotDecode(@TempDir Path temp) throws Exception {
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, "group.events"),
        () -> {
          String topic = "group.events";
          KAFKA.createTopic(topic, 1);
          send(topic, "o-1", new byte[] {0x0a, 3, 'o', '-', '1'});
          send(topic, "o-2", new byte[] {0x0a, 99});
          send(topic, "o-3", null);
          send(topic, "o-4", new byte[] {0x0a, 3, 'o', '-', '4'});
          assertThat(keysSeenByGroup(topic, 1)).containsExactly("o-1");
          assertThat(keysSeenByGroup(topic, 2)).containsExactly("o-2", "o-3");
          assertThat(keysSeenByGroup(topic, 1)).containsExactly("o-4");
        });
  }

  private static List<String> keysSeenByGroup(String topic, int limit) {
    String[] args = {"consume", "--topic", topic, "--group", "group-of-a-test", "--format", "json"};
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--limit", Integer.toString(limit)));
    Run run = Run.hermes(BROKER, all.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.lines().stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject().get("key").getAsString())
        .toList();
  }

  @Test
  void consumeLeavesNoGroupAndNoCommits() throws Exception {
    Run.hermes(BROKER, "consume", "--limit", "5");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", BROKER))) {
      assertThat(admin.listGroups().all().get(10, SECONDS))
          .noneMatch(group -> !group.groupId().startsWith("group-of-a-test"));
    }
  }
}
