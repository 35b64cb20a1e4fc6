package io.hermes.cli.groups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.cli.Letters;
import io.hermes.cli.Run;
import io.hermes.cli.console.Console.Look;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.CommittedOffset;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.ProcessingOrder;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@KafkaTest
@Timeout(120)
class GroupsCommandTest {

  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");

  private final Kafka kafka;
  private final String group = "group-" + UUID.randomUUID();

  GroupsCommandTest(Kafka kafka) {
    this.kafka = kafka;
  }

  /** Keeps its records, which are old. */
  private Letters topic(int partitions) {
    return new Letters(kafka, partitions, Map.of("retention.ms", "-1"));
  }

  /** Of six events the first one is not finished, and the others are. */
  @Tag("full")
  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void showsWhatIsUnfinishedAndResetHandlesAgainWhatWasFinishedOutOfOrder(String protocol)
      throws Exception {
    Letters topic = topic(1);
    publish(topic, 6);
    CountDownLatch never = new CountDownLatch(1);
    HermesSubscriber subscriber =
        subscriber(
            topic,
            protocol,
            event -> {
              if (event.getEventId().equals("e-0")) {
                never.await();
              }
            });
    JsonObject partition = showUntil(one -> one.get("finishedAhead").getAsLong() == 5);
    assertThat(partition.get("committed").getAsLong()).isZero();
    assertThat(partition.get("lag").getAsLong()).isEqualTo(6);
    assertThat(partition.get("oldestUnfinished").getAsString())
        .isEqualTo("2026-01-31T12:00:00.000Z");

    Run show = groups("show", group);
    assertThat(show.out())
        .contains("protocol  " + protocol, "state     stable", "lag       6 records, the oldest");
    assertThat(show.lines())
        .anyMatch(line -> line.matches(topic.topic() + " +0 +0 +6 +6 +5 +\\d+ d( \\d+ h)? +\\S.*"));
    assertThat(groups("list").lines())
        .anyMatch(
            line -> line.matches(group + " +" + protocol + " +stable +1 +6 +" + topic.topic()));

    Run refused = groups("reset", group, "--to", "beginning", "--yes");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err())
        .contains("Group " + group + " has 1 active member (", "Stop them first");
    subscriber.close();
    assertThat(show().get("finishedAhead").getAsLong()).isEqualTo(5); // nothing was reset

    Run plan = groups("reset", group, "--to", "0", "--dry-run");
    assertThat(plan.out()).contains("5 records again", "would reset  1 partition");
    Run reset = groups("reset", group, "--to", "0", "--yes");
    assertThat(reset.out()).as(reset.err()).contains("reset    1 partition of group " + group);
    assertThat(show().get("finishedAhead").getAsLong()).isZero();
    assertThat(groups("reset", group, "--to", "0").out()).contains("nothing: group");

    BlockingQueue<String> handled = new LinkedBlockingQueue<>();
    try (HermesSubscriber again =
        subscriber(topic, protocol, event -> handled.add(event.getEventId()))) {
      List<String> all = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        all.add(Objects.requireNonNull(handled.poll(20, SECONDS), again.toString()));
      }
      assertThat(all).containsExactlyInAnyOrder("e-0", "e-1", "e-2", "e-3", "e-4", "e-5");
    }
  }

  @Test
  void resetGoesToTheEndAnOffsetOrATimeInEveryPartition() throws Exception {
    Letters topic = topic(2);
    publish(topic, 20);
    commit(topic, 0, 4); // and nothing in partition 1

    Run plan = groups("reset", group, "--to", "end", "--dry-run");
    assertThat(plan.lines())
        .anyMatch(line -> line.matches(topic.topic() + " +0 +4 +10 +6 records skipped"))
        .anyMatch(line -> line.matches(topic.topic() + " +1 +- +10 +resumes here"))
        .contains("would reset  2 partitions of group " + group)
        .contains("records      0 records redelivered, 6 skipped");
    assertThat(committed(topic)).isEqualTo("4 -");

    assertThat(groups("reset", group, "--to", "end", "--yes").exitCode()).isZero();
    assertThat(committed(topic)).isEqualTo("10 10");
    Run some = groups("reset", group, "--to", "3", "--partition", "0", "--yes", "--json");
    assertThat(some.out())
        .isEqualTo(
            """
            {"group":"%s","topic":"%s","partition":0,"committed":10,"to":3,"again":7,"skipped":0,\
            "reset":true}
            """
                .formatted(group, topic.topic()));
    assertThat(committed(topic)).isEqualTo("3 10");
    // Event n is written n seconds after the start, the even ones to partition 0.
    groups("reset", group, "--to", START.plusSeconds(11).toString(), "--yes");
    assertThat(committed(topic)).isEqualTo("6 5");
    groups("reset", group, "--to", START.plusSeconds(99).toString(), "--yes");
    assertThat(committed(topic)).isEqualTo("10 10");
    groups("reset", group, "--to", "beginning", "--topic", topic.topic(), "--yes");
    assertThat(committed(topic)).isEqualTo("0 0");
  }

  @Test
  void namesWhatIsNotThere() throws Exception {
    Letters topic = topic(1);
    Run show = groups("show", group);
    assertThat(show.err())
        .contains("Group " + group + " does not exist at ", "./hermes groups list");
    assertThat(show.exitCode()).isEqualTo(1);
    Run reset = groups("reset", group, "--to", "end", "--topic", topic.topic(), "--yes");
    assertThat(reset.err()).contains("Group " + group + " does not exist at ");
    commit(topic, 0, 0);
    assertUsage("beyond the end of every partition", group, "--to", "7", "--yes");
    assertUsage("Partition 5 does not exist in", group, "--to", "end", "--partition", "5", "--yes");
    assertUsage("'latest' is not a position to resume from. Use end", group, "--to", "latest");
    assertUsage("'soon' is not a position to resume from", group, "--to", "soon");
    assertUsage("Missing required option: '--to", group);
    assertUsage("progress of ./hermes dlt redrive", "hermes-redrive.a-dlt.0", "--to", "end");
    Run unknown = groups("reset", group, "--to", "end", "--topic", "nothing", "--yes");
    assertThat(unknown.err()).contains("Topic nothing does not exist at");
    assertThat(committed(topic)).isEqualTo("0");
  }

  private void assertUsage(String sentence, String... args) {
    List<String> all = new ArrayList<>(List.of("reset"));
    all.addAll(List.of(args));
    Run run = groups(all.toArray(String[]::new));
    assertThat(run.err()).contains(sentence);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.exitCode()).isEqualTo(2);
  }

  @Test
  void aGroupWithoutCommitsHasNoLag() throws Exception {
    Letters topic = topic(1);
    try (HermesSubscriber idle = subscriber(topic, "consumer", event -> {})) {
      JsonObject partition = showUntil(one -> !one.get("member").isJsonNull());
      assertThat(partition.get("committed").isJsonNull()).isTrue();
      assertThat(partition.get("lag").isJsonNull()).isTrue();
      assertThat(groups("show", group).out()).contains("not known: nothing is committed");
      assertThat(groups("list").lines())
          .anyMatch(line -> line.matches(group + ".* 1 +- +users-.*"));
      assertThat(idle.health().isHealthy()).isTrue();
    }
  }

  @Test
  void saysWhatRetentionTookAndThatATopicWasRecreated() throws Exception {
    Letters topic = topic(1);
    publish(topic, 8);
    commit(topic, 0, 2);
    try (Admin admin = admin()) {
      TopicPartition id = new TopicPartition(topic.topic(), 0);
      admin.deleteRecords(Map.of(id, RecordsToDelete.beforeOffset(5))).all().get(10, SECONDS);
      assertThat(groups("show", group).err()).contains("3 records removed by retention");
      assertThat(show().get("lag").getAsLong()).isEqualTo(3);
      Run reset = groups("reset", group, "--to", "0", "--yes");
      assertThat(reset.out()).contains("reset", "0 records redelivered, 0 skipped");
      assertThat(committed(topic)).isEqualTo("5");

      admin.deleteTopics(List.of(topic.topic())).all().get(10, SECONDS);
      kafka.createTopic(topic.topic(), 1, Map.of("retention.ms", "-1"));
      // As a broker has it that has not removed the deleted topic's commits yet.
      String clusterId = admin.describeCluster().clusterId().get(10, SECONDS);
      OffsetAndMetadata earlier = CommittedOffset.reset(5, clusterId, Uuid.randomUuid());
      admin.alterConsumerGroupOffsets(group, Map.of(id, earlier)).all().get(10, SECONDS);
    }
    assertThat(groups("show", group).err()).contains("from before the topic was recreated");
    assertThat(show().get("lag").isJsonNull()).isTrue();
    publish(topic, 3);
    assertThat(groups("reset", group, "--to", "end", "--yes").out()).contains("resumes here");
    assertThat(committed(topic)).isEqualTo("3");
    assertThat(groups("show", group).err()).isEmpty();
  }

  @Test
  void tablesFitATerminal() throws Exception {
    Letters topic = topic(1);
    publish(topic, 2);
    commit(topic, 0, 1);
    for (String command : List.of("list", "show " + group)) {
      Run run =
          Run.hermes(
              new Look(80, false, true, true),
              kafka.bootstrapServers(),
              ("groups " + command).split(" "));
      assertThat(run.lines())
          .allSatisfy(
              line ->
                  assertThat(line.replaceAll("\u001b\\[[0-9;]*m", ""))
                      .hasSizeLessThanOrEqualTo(80));
      assertThat(run.out()).contains("\u001b[1m");
    }
    assertThat(groups("list").out()).doesNotContain("\u001b");
  }

  private Run groups(String... args) {
    List<String> all = new ArrayList<>(List.of("groups"));
    all.addAll(List.of(args));
    return Run.hermes(kafka.bootstrapServers(), all.toArray(String[]::new));
  }

  /** The only partition of the group. */
  private JsonObject show() {
    Run run = groups("show", group, "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    return JsonParser.parseString(run.out())
        .getAsJsonObject()
        .getAsJsonArray("partitions")
        .get(0)
        .getAsJsonObject();
  }

  /** Asks until it is so. */
  private JsonObject showUntil(Predicate<JsonObject> condition) {
    long deadlineNs = System.nanoTime() + SECONDS.toNanos(30);
    while (true) {
      Run run = groups("show", group, "--json");
      if (run.exitCode() == 0) {
        var partitions =
            JsonParser.parseString(run.out()).getAsJsonObject().getAsJsonArray("partitions");
        if (!partitions.isEmpty() && condition.test(partitions.get(0).getAsJsonObject())) {
          return partitions.get(0).getAsJsonObject();
        }
      }
      assertThat(System.nanoTime() - deadlineNs).as(run.out() + run.err()).isNegative();
    }
  }

  private interface Body {
    void handle(UserEvent event) throws Exception;
  }

  private HermesSubscriber subscriber(Letters topic, String protocol, Body body) {
    return HermesSubscriber.builder(topic.contract())
        .settings(
            KafkaSettings.of(kafka.bootstrapServers()).toBuilder()
                .property("group.protocol", protocol)
                .build())
        .group(group)
        .order(ProcessingOrder.UNORDERED)
        .concurrency(4)
        .drainTimeout(Duration.ofMillis(200))
        .start(delivery -> body.handle(delivery.event()));
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  private void commit(Letters topic, int partition, long offset) throws Exception {
    try (Admin admin = admin()) {
      TopicPartition id = new TopicPartition(topic.topic(), partition);
      admin
          .alterConsumerGroupOffsets(group, Map.of(id, new OffsetAndMetadata(offset)))
          .all()
          .get(10, SECONDS);
    }
  }

  /** The committed offset of each partition. */
  private String committed(Letters topic) throws Exception {
    try (Admin admin = admin()) {
      var commits =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get(10, SECONDS);
      List<String> offsets = new ArrayList<>();
      for (int i = 0; i < topic.partitions(); i++) {
        OffsetAndMetadata commit = commits.get(new TopicPartition(topic.topic(), i));
        offsets.add(commit == null ? "-" : Long.toString(commit.offset()));
      }
      return String.join(" ", offsets);
    }
  }

  /** Events n seconds after the start, one after the other to each partition. */
  private void publish(Letters topic, int count) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < count; i++) {
        UserEvent event = Letters.event("user-" + i, i);
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(
                topic.topic(),
                i % topic.partitions(),
                START.plusSeconds(i).toEpochMilli(),
                event.getUserId().getBytes(UTF_8),
                event.toByteArray());
        topic.contract().addHeaders(event, record.headers());
        producer.send(record).get(10, SECONDS);
      }
    }
  }
}
