package io.hermes.cli.groups;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.Letters;
import io.hermes.cli.Run;
import io.hermes.cli.RunningCommand;
import io.hermes.cli.broker.KafkaOptions;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Screen.Size;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaCluster;
import io.hermes.testkit.KafkaTest;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@KafkaTest
@Timeout(120)
class TopCommandTest {

  private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";

  private final Kafka kafka;
  private final String group = "group-" + UUID.randomUUID();

  TopCommandTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void aPipeGetsALineForEachSampleOfAGroupWithItsRates() throws Exception {
    String topic = new Letters(kafka, 2).topic();
    publish(kafka, topic, 20);
    commit(kafka, topic, 4, 2);
    RunningCommand top = new RunningCommand(kafka.bootstrapServers(), "top --interval 0.1");
    String row = TIME + " +" + group + " +empty +0 +2 +";
    top.awaitOut(row + "14 +- +- +- +" + topic + "-1");
    top.awaitOut(row + "14 +0\\.0 +0\\.0 +stalled +" + topic + "-1");
    publish(kafka, topic, 4);
    top.awaitOut(row + "18 +0\\.0 +(?!0\\.0 )\\d+\\.\\d +growing +" + topic + "-1");
    commit(kafka, topic, 12, 8);
    // Eight and six records were committed, and four produced.
    top.awaitOut(row + "4 +(?!0\\.0 )\\d+\\.\\d +(?!0\\.0 )\\d+\\.\\d +\\d\\S+ +" + topic + "-1");
    commit(kafka, topic, 12, 12);
    top.awaitOut(row + "0 +\\S+ +\\S+ +- +-");
    assertThat(top.stop()).isZero();
    assertThat(top.out()).startsWith("TIME ").doesNotContain("\u001b");
    assertThat(top.out().lines().skip(1)).allMatch(line -> line.matches(TIME + " .*"));
    assertThat(top.err()).isEmpty();
  }

  @Test
  void oneGroupHasARowForEachPartition() throws Exception {
    String topic = new Letters(kafka, 2).topic();
    publish(kafka, topic, 20);
    commit(kafka, topic, 4, 2);
    List<String> slowestFirst = top("--group", group, "--count", "1").lines();
    assertThat(slowestFirst).hasSize(3);
    assertThat(slowestFirst.get(1)).matches(TIME + " +" + topic + "-1 +2 +10 +8 +- +- +- +-");
    assertThat(slowestFirst.get(2)).matches(TIME + " +" + topic + "-0 +4 +10 +6 +- +- +- +-");
    List<String> byName =
        top("--group", group, "--count", "2", "--interval", "0.1", "--sort", "group").lines();
    assertThat(byName).hasSize(5);
    assertThat(byName.get(3)).contains(topic + "-0 ", " stalled ");
  }

  @ParameterizedTest
  @CsvSource({
    "--interval 0, is not an interval. Use seconds",
    "--interval -1, is not an interval. Use seconds",
    "--interval soon, is not an interval. Use seconds",
    "--interval 99999, is not an interval. Use seconds",
    "--count 0, --count must be 1 or more",
    "--sort name, expected one of [lag",
  })
  void wrongOptionsAreRefusedInOneLine(String options, String sentence) {
    Run run = top(options.split(" "));
    assertThat(run.err()).contains(sentence).hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(2);
  }

  @Test
  void namesTheGroupThatIsNotThere() {
    Run run = top("--group", group);
    assertThat(run.err()).contains("Group " + group + " does not exist at ").hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void anOutageKeepsTheFiguresOfATerminalAndSaysSinceWhen() throws Exception {
    String topic = new Letters(kafka, 12).topic();
    publish(kafka, topic, 24);
    commit(kafka, topic, 1, 2, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2);
    try (GroupAdmin admin =
        GroupAdmin.connect(
            new KafkaOptions(Map.of("KAFKA_BROKER", kafka.bootstrapServers())),
            Duration.ofSeconds(5))) {
      TopFigures figures = new TopFigures(GroupSample.take(admin, group));
      assertThat(frame(figures, 24, 80))
          .anyMatch(line -> line.matches(TIME + "  1 group  1 broker  " + admin.where()))
          .anyMatch(line -> line.matches("group-\\S+ +empty +0 +3 +- +- +-"))
          .anyMatch(line -> line.matches("users-\\S+-2 +2 +- +- +- +-|users-.*\\.\\.\\. +2 .*"))
          .last()
          .isEqualTo("q ends it.");
      assertThat(frame(figures, 12, 120)).last().isEqualTo("7 more. q ends it.");
      assertThat(frame(figures, 1, 20)).hasSize(1);
      figures.fail(Instant.parse("2026-01-31T12:00:00Z"), "No broker\u001b[2J answers.");
      figures.fail(Instant.parse("2026-01-31T12:00:05Z"), "No broker\u001b[2J answers.");
      assertThat(frame(figures, 24, 80))
          .contains("No figures since 2026-01-31T12:00:00Z: No broker\\u001b[2J answers.")
          .anyMatch(line -> line.matches("group-\\S+ +empty +0 +3 +- +- +-"));
      figures.add(GroupSample.take(admin, group));
      assertThat(frame(figures, 24, 80)).noneMatch(line -> line.contains("No figures"));
    }
  }

  private static List<String> frame(TopFigures figures, int rows, int columns) {
    Look look = new Look(columns, false, false, false);
    Console console =
        new Console(OutputStream.nullOutputStream(), new ByteArrayOutputStream(), look);
    List<String> lines =
        new TopFrame(console, true, TopRows.Sort.lag).lines(figures, new Size(rows, columns));
    assertThat(lines).hasSizeLessThanOrEqualTo(rows);
    assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(columns));
    return lines;
  }

  @Test
  @Tag("full")
  void goesOnWhenTheOnlyBrokerIsBack() throws Exception {
    try (KafkaCluster cluster = KafkaCluster.start()) {
      RunningCommand top = new RunningCommand(cluster.bootstrapServers(), "top --interval 0.2");
      top.awaitErr("No consumer groups at " + cluster.bootstrapServers());
      String topic = new Letters(cluster, 1).topic();
      publish(cluster, topic, 9);
      commit(cluster, topic, 2);
      String row = group + " +empty +0 +1 +7 +";
      top.awaitOut(row);
      cluster.broker(1).kill();
      top.awaitErr("No figures since " + TIME + ": No Kafka broker responds at ");
      int lines = (int) top.out().lines().count();
      cluster.broker(1).start();
      top.awaitErr("The brokers respond again, after ");
      top.awaitOut("(?s)(.*\n){" + lines + "}.*" + row);
      assertThat(top.stop()).isZero();
      assertThat(top.out().lines().skip(1)).allMatch(line -> line.contains("  7  "));
      assertThat(top.err().lines()).allMatch(line -> line.startsWith("hermes: ")).hasSize(3);
    }
  }

  private Run top(String... args) {
    List<String> all = new ArrayList<>(List.of("top"));
    all.addAll(Arrays.asList(args));
    return Run.hermes(kafka.bootstrapServers(), all.toArray(String[]::new));
  }

  /** One record after the other to each partition. */
  private static void publish(Kafka at, String topic, int count) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", at.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      int partitions = producer.partitionsFor(topic).size();
      for (int i = 0; i < count; i++) {
        producer
            .send(new ProducerRecord<>(topic, i % partitions, null, new byte[1]))
            .get(20, SECONDS);
      }
    }
  }

  private void commit(Kafka at, String topic, long... offsets) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
    for (int i = 0; i < offsets.length; i++) {
      commits.put(new TopicPartition(topic, i), new OffsetAndMetadata(offsets[i]));
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", at.bootstrapServers()))) {
      admin.alterConsumerGroupOffsets(group, commits).all().get(20, SECONDS);
    }
  }
}
