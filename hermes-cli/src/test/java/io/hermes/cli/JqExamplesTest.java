package io.hermes.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.cli.outbox.ParkedRows;
import io.hermes.subscribe.DeadLetterHeaders;
import io.hermes.testkit.EmbeddedKafka;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example with jq, of the documents and of the help, prints something. */
class JqExamplesTest {

  private static final Pattern EXAMPLE =
      Pattern.compile("\\./hermes ([^\\n|]*) \\|\\s+jq ((?:-\\w+ )*)(?:'([^']*)'|(\\S+))");
  private static final List<String> WITH_HELP =
      List.of(
          "consume",
          "produce",
          "doctor",
          "schema list",
          "schema show",
          "topics plan",
          "groups list",
          "groups show",
          "dictionary train",
          "dlt list",
          "dlt show",
          "outbox list");

  private record Example(String command, List<String> jq) {}

  @Test
  void printsSomething(@TempDir Path temp) throws Exception {
    assumeTrue(hasJq(), "jq is not installed");
    Set<Example> examples = new LinkedHashSet<>();
    for (Path document : Documents.all()) {
      examples.addAll(examples(Documents.text(document)));
    }
    for (String command : WITH_HELP) {
      examples.addAll(examples(Run.hermes("", (command + " --help").split(" ")).out()));
    }
    assertThat(examples).hasSizeGreaterThan(10);
    // Without the topics of other contracts: so plan and doctor find something.
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      String broker = kafka.bootstrapServers();
      assertThat(Run.hermes(broker, "produce", "--count", "200").exitCode()).isZero();
      addDeadLetter(kafka);
      Run.hermes(broker, "consume", "--group", "billing", "--limit", "1");
      Map<String, String> environment =
          Map.of("KAFKA_BROKER", broker, "HERMES_JDBC_URL", outboxWithAParkedEvent());
      for (Example example : examples) {
        String command = example.command;
        if (command.startsWith("dictionary train")) {
          command += " --out " + temp.resolve("dictionaries");
        }
        Run run = Run.hermes(new Stop(), Look.PLAIN, environment, command.split(" "));
        assertThat(jq(example.jq, run.out())).as(example.toString()).isNotBlank();
      }
    }
  }

  private static List<Example> examples(String text) {
    List<Example> examples = new ArrayList<>();
    Matcher matcher = EXAMPLE.matcher(text);
    for (MatchResult match : matcher.results().toList()) {
      List<String> jq = new ArrayList<>(List.of("jq"));
      Arrays.stream(match.group(2).split(" ")).filter(o -> !o.isEmpty()).forEach(jq::add);
      jq.add(match.group(3) == null ? match.group(4) : match.group(3));
      examples.add(new Example(match.group(1).strip(), jq));
    }
    return examples;
  }

  private static String outboxWithAParkedEvent() throws Exception {
    ParkedRows rows = new ParkedRows("jdbc:h2:mem:jq;DB_CLOSE_DELAY=-1");
    rows.createTables();
    rows.park("user-1");
    return rows.url();
  }

  private static void addDeadLetter(EmbeddedKafka kafka) throws Exception {
    String topic = "user.events";
    kafka.createTopic(DeadLetterHeaders.topicOf(topic), 1);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      ProducerRecord<byte[], byte[]> letter =
          new ProducerRecord<>(
              DeadLetterHeaders.topicOf(topic),
              Records.utf8("user-1"),
              Records.REGISTERED.toByteArray());
      Letters.put(letter, DeadLetterHeaders.TOPIC, topic);
      Letters.put(letter, DeadLetterHeaders.GROUP, "billing");
      Letters.put(letter, DeadLetterHeaders.MESSAGE, "no account");
      producer.send(letter).get();
    }
  }

  private static boolean hasJq() {
    return Stream.of(String.valueOf(System.getenv("PATH")).split(":"))
        .anyMatch(folder -> Path.of(folder, "jq").toFile().canExecute());
  }

  private static String jq(List<String> command, String input)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    Thread feeder =
        new Thread(
            () -> {
              try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(UTF_8));
              } catch (IOException e) {
                // jq has ended, and its exit code says so
              }
            });
    feeder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
