package io.hermes.opentelemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.subscribe.DeadLetterHeaders;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service under the OpenTelemetry Java agent, which instruments Kafka's clients by itself:
 * Hermes' spans are the only ones, and nothing changes the trace contexts in the records.
 */
@KafkaTest
@Tag("full")
@Timeout(180)
class AgentTest {

  /** As the agent prints a span: its name, trace, id and kind, and the tracer it comes from. */
  private static final Pattern SPAN =
      Pattern.compile("'([^']+)' : ([0-9a-f]{32}) ([0-9a-f]{16}) (\\w+) \\[tracer: ([^:\\]]+)");

  private static final String OWN_TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String OWN = "00-" + OWN_TRACE + "-b7ad6b7169203331-01";

  @Test
  void thereIsOneSpanOfEachPublishAndOfEachAttempt(Kafka kafka, @TempDir Path folder)
      throws Exception {
    try (Users users = new Users(kafka, 1)) {
      String topic = users.topic().name();
      kafka.createTopic(topic + "-out", 1);
      String output = run(folder.resolve("output"), kafka.bootstrapServers(), topic);

      List<MatchResult> spans = SPAN.matcher(output).results().toList();
      assertThat(spans)
          .extracting(span -> span.group(1) + " " + span.group(4) + " " + span.group(5))
          .as(output)
          .containsExactlyInAnyOrder(
              "caller INTERNAL test",
              "send " + topic + " PRODUCER io.hermes.opentelemetry",
              "send " + topic + " CLIENT io.hermes.opentelemetry",
              "process " + topic + " CONSUMER io.hermes.opentelemetry",
              "process " + topic + " CONSUMER io.hermes.opentelemetry", // this and the next: a pipe
              "process " + topic + " CONSUMER io.hermes.opentelemetry",
              "process " + topic + " CONSUMER io.hermes.opentelemetry",
              "process " + topic + " CONSUMER io.hermes.opentelemetry",
              topic + " publish PRODUCER io.opentelemetry.kafka-clients-0.11"); // without Hermes
      assertThat(output.lines().filter(line -> line.contains("current span")))
          .hasSize(3)
          .allMatch(line -> line.endsWith("current span 0000000000000000"));

      List<ConsumerRecord<byte[], byte[]>> records = users.read(topic);
      String send =
          spans.stream()
              .filter(span -> span.group(1).equals("send " + topic))
              .map(span -> span.group(3))
              .findFirst()
              .orElseThrow();
      assertThat(traceparents(records.get(0))).hasSize(1).allMatch(text -> text.contains(send));
      assertThat(traceparents(records.get(1))).containsExactly(OWN);
      assertThat(traceparents(users.read(DeadLetterHeaders.topicOf(topic)).get(0)))
          .isEqualTo(traceparents(records.get(0)));

      List<String> handled =
          spans.stream()
              .filter(span -> span.group(1).equals("process " + topic))
              .map(span -> "00-" + span.group(2) + "-" + span.group(3))
              .toList();
      assertThat(users.read(topic + "-out"))
          .hasSize(2)
          .allSatisfy(
              record ->
                  assertThat(traceparents(record))
                      .singleElement()
                      .satisfies(text -> assertThat(handled).anyMatch(text::startsWith)));
    }
  }

  private static List<String> traceparents(ConsumerRecord<byte[], byte[]> record) {
    List<String> values = new ArrayList<>();
    record.headers().headers("traceparent").forEach(h -> values.add(new String(h.value(), UTF_8)));
    return values;
  }

  /** Runs the service, and returns all that it and the agent have printed. */
  private static String run(Path output, String bootstrapServers, String topic) throws Exception {
    Process service =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-javaagent:" + Path.of("target", "agent", "opentelemetry-javaagent.jar"),
                "-Dotel.traces.exporter=console",
                "-Dotel.metrics.exporter=none",
                "-Dotel.logs.exporter=none",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                AgentMain.class.getName(),
                bootstrapServers,
                topic,
                OWN)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(service.waitFor(150, TimeUnit.SECONDS)).isTrue();
      String printed = Files.readString(output);
      assertThat(service.exitValue()).as(printed).isZero();
      return printed;
    } finally {
      service.destroyForcibly();
    }
  }
}
