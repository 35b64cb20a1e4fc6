package io.hermes.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.subscribe.DeadLetterHeaders;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that are hard to print: no command ends at one, and none shows a secret. */
@KafkaTest
class AwkwardEventsTest {

  private static final String TOPIC = "awkward.events";
  private static final String LETTERS = DeadLetterHeaders.topicOf(TOPIC);
  private static final List<String> SECRETS = secrets();

  @Test
  void everyCommandGoesOnAndHidesWhatIsMarked(Kafka kafka, @TempDir Path temp) throws Exception {
    Map<String, byte[]> values = AwkwardEvent.values();
    kafka.createTopic(TOPIC, 1);
    kafka.createTopic(LETTERS, 1);
    send(kafka, TOPIC, values);
    send(kafka, LETTERS, values);
    NewEvent.onClassPath(
        AwkwardEvent.inFolder(temp, TOPIC),
        () -> {
          for (String format : List.of("pretty", "table", "json")) {
            Run consume =
                hermes(kafka, "consume", "--topic", TOPIC, "--to-end", "--format", format);
            assertThat(consume.out()).contains(values.keySet());
            assertThat(consume.err()).startsWith("9 records, ").contains(", 1 not decoded.");
            Run show = hermes(kafka, "dlt", "show", LETTERS, "--format", format);
            assertThat(show.out()).contains(values.keySet());
          }
          JsonObject letters =
              hermes(kafka, "dlt", "list", "--json").lines().stream()
                  .map(line -> JsonParser.parseString(line).getAsJsonObject())
                  .filter(line -> line.get("topic").getAsString().equals(LETTERS))
                  .findFirst()
                  .orElseThrow();
          assertThat(letters.get("letters").getAsInt()).isEqualTo(9);
          String[] redrive = {"dlt", "redrive", LETTERS, "--type", "Awkward", "--yes"};
          assertThat(hermes(kafka, redrive).out()).contains("redriven  8 dead letters");
        });
  }

  @Test
  void jsonSaysWhatEachIs(Kafka kafka, @TempDir Path temp) throws Exception {
    String topic = "awkward.json";
    kafka.createTopic(topic, 1);
    send(kafka, topic, AwkwardEvent.values());
    NewEvent.onClassPath(
        AwkwardEvent.inFolder(temp, topic),
        () -> {
          List<String> lines =
              hermes(kafka, "consume", "--topic", topic, "--to-end", "--json").lines();
          String inner = "\"@type\":\"type.googleapis.com/awkward.v1.Awkward\",\"id\":\"inner\"";
          assertThat(lines.subList(0, 3)).allMatch(line -> line.contains(inner));
          assertThat(lines.subList(3, 6))
              .allMatch(line -> line.contains("\"value\":\"[REDACTED]: "));
          assertThat(lines.subList(6, 8))
              .allMatch(
                  line -> line.contains("{\"seconds\":\"9223372036854775807\",\"nanos\":-1}"));
          assertThat(lines.get(8)).contains("\"problem\":\"", "\"valueHex\":\"[REDACTED]\"");
          String[] reveal = {"consume", "--topic", topic, "--to-end", "--json", "--reveal"};
          assertThat(Run.hermes(kafka.bootstrapServers(), reveal).out())
              .contains("\"email\":\"" + AwkwardEvent.SECRET + "\"", SECRETS.get(1));
        });
  }

  private static Run hermes(Kafka kafka, String... args) {
    Run run = Run.hermes(kafka.bootstrapServers(), args);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out() + run.err()).doesNotContain(SECRETS);
    return run;
  }

  /** A part of it as text, in hexadecimal digits, and as Base64 at each place within bytes. */
  private static List<String> secrets() {
    String part = AwkwardEvent.SECRET.substring(0, 14);
    List<String> secrets = new ArrayList<>();
    secrets.add(part);
    secrets.add(HexFormat.of().formatHex(part.getBytes(UTF_8)));
    secrets.add(HexFormat.ofDelimiter(" ").formatHex(part.getBytes(UTF_8)));
    IntStream.range(0, 3)
        .mapToObj(i -> part.substring(i, i + 12).getBytes(UTF_8))
        .forEach(bytes -> secrets.add(Base64.getEncoder().encodeToString(bytes)));
    return secrets;
  }

  private static void send(Kafka kafka, String topic, Map<String, byte[]> values) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      List<Future<?>> sent = new ArrayList<>();
      for (Map.Entry<String, byte[]> value : values.entrySet()) {
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(topic, Records.utf8(value.getKey()), value.getValue());
        if (topic.equals(LETTERS)) {
          Letters.put(record, DeadLetterHeaders.TOPIC, TOPIC);
          Letters.put(record, DeadLetterHeaders.GROUP, "billing");
        }
        sent.add(producer.send(record));
      }
      for (Future<?> future : sent) {
        future.get();
      }
    }
  }
}
