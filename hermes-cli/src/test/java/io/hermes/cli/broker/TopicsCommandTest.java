package io.hermes.cli.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.cli.NewEvent;
import io.hermes.cli.Run;
import io.hermes.contract.CleanupPolicy;
import io.hermes.contract.TopicContract;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contracts and a cluster; each test has a topic of its own besides those of the schema. */
@KafkaTest
class TopicsCommandTest {

  private final String topic = "planned-" + UUID.randomUUID();
  private final TopicContract contract =
      TopicContract.newBuilder()
          .setName(topic)
          .setKeyField("order_id")
          .setPartitions(3)
          .setCleanupPolicy(CleanupPolicy.CLEANUP_POLICY_COMPACT_DELETE)
          .setRetentionMs(86_400_000)
          .build();

  @Test
  void planSaysWhatIsMissingAndCreatesNothingAndApplyCreatesIt(Kafka kafka, @TempDir Path temp)
      throws Exception {
    String broker = kafka.bootstrapServers();
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, contract),
        () -> {
          String settings =
              topic
                  + ", 3 partitions, cleanup.policy=compact,delete, retention.ms=86400000:"
                  + " OrderPlaced";
          for (int i = 0; i < 2; i++) { // the first one has changed nothing
            Run plan = Run.hermes(broker, "topics", "plan");
            assertThat(plan.lines()).contains("missing  " + settings);
            assertThat(plan.err()).contains("missing. To create: ./hermes topics apply");
            assertThat(plan.exitCode()).isEqualTo(3);
          }
          Run applied = Run.hermes(broker, "topics", "apply");
          assertThat(applied.lines()).contains("created  " + settings);
          assertThat(applied.err()).isEmpty();
          assertThat(applied.exitCode()).isZero();

          for (String command : new String[] {"plan", "apply"}) {
            Run after = Run.hermes(broker, "topics", command);
            assertThat(after.lines())
                .contains("same     " + topic + ": OrderPlaced")
                .allMatch(line -> line.startsWith("same     "));
            assertThat(after.err()).isEmpty();
            assertThat(after.exitCode()).isZero();
          }
        });
  }

  @Test
  void applyLeavesWhatIsDifferentAndSaysWhatAChangeWouldDo(Kafka kafka, @TempDir Path temp)
      throws Exception {
    String broker = kafka.bootstrapServers();
    kafka.createTopic(topic, 1, Map.of("retention.ms", "604800000"));
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, contract),
        () -> {
          Run applied = Run.hermes(broker, "topics", "apply");
          assertThat(applied.lines())
              .containsSequence(
                  "differs  " + topic + ": OrderPlaced",
                  "         partitions is 1, its contract says 3",
                  "           Adding partitions changes which partition a key maps to: a key's"
                      + " earlier and later events are then in different partitions, and can be"
                      + " read out of order unless all earlier events are read first.",
                  "         cleanup.policy is delete, its contract says compact,delete")
              .contains("         retention.ms is 604800000, its contract says 86400000");
          assertThat(applied.err())
              .isEqualTo(
                  "1 topic different from the contract. Hermes does not change existing topics.\n");
          assertThat(applied.exitCode()).isEqualTo(3);
          try (TopicAdmin admin = TopicAdmin.connect(KafkaSettings.of(broker))) {
            assertThat(admin.partitions(topic)).isEqualTo(1);
          }

          Run plan = Run.hermes(broker, "topics", "plan");
          assertThat(plan.out()).isEqualTo(applied.out().replace("created", "same   "));
          assertThat(plan.exitCode()).isEqualTo(3);
        });
  }

  @Test
  void jsonHasAnObjectForEachTopic(Kafka kafka, @TempDir Path temp) throws Exception {
    kafka.createTopic(topic, 5, Map.of("cleanup.policy", "delete,compact"));
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, contract),
        () -> {
          Run plan = Run.hermes(kafka.bootstrapServers(), "topics", "plan", "--json");
          Map<String, JsonObject> states =
              plan.lines().stream()
                  .map(line -> JsonParser.parseString(line).getAsJsonObject())
                  .collect(
                      Collectors.toMap(s -> s.get("topic").getAsString(), Function.identity()));
          assertThat(states).containsKeys("orders.events", "payments.events", "user.events", topic);
          JsonObject state = Objects.requireNonNull(states.get(topic));
          assertThat(state.get("state").getAsString()).isEqualTo("differs");
          JsonObject partitions = state.getAsJsonArray("differences").get(0).getAsJsonObject();
          assertThat(partitions.remove("consequence").getAsString())
              .contains("Set 5 in the contract");
          assertThat(partitions)
              .hasToString("{\"setting\":\"partitions\",\"actual\":\"5\",\"contract\":\"3\"}");
          assertThat(state.getAsJsonArray("differences")).hasSize(2); // and the retention
          assertThat(plan.exitCode()).isEqualTo(3);
        });
  }
}
