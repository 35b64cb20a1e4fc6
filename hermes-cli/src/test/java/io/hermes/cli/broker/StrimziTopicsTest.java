package io.hermes.cli.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.Documents;
import io.hermes.cli.NewEvent;
import io.hermes.cli.Run;
import io.hermes.contract.CleanupPolicy;
import io.hermes.contract.TopicContract;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.subscribe.DeadLetterHeaders;
import io.hermes.testkit.EmbeddedKafka;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics of a cluster that Strimzi runs: written as resources, never created past the operator. */
class StrimziTopicsTest {

  private static final String NO_BROKER = "127.0.0.1:1";

  private static Run plan(String... more) {
    String[] args = new String[4 + more.length];
    System.arraycopy(new String[] {"topics", "plan", "--format", "strimzi"}, 0, args, 0, 4);
    System.arraycopy(more, 0, args, 4, more.length);
    return Run.hermes(NO_BROKER, args);
  }

  private static String resource(String yaml, String name) {
    for (String document : yaml.split("---\n", -1)) {
      if (document.contains("\n  name: " + name + "\n")) {
        return document;
      }
    }
    throw new AssertionError("No resource " + name + " in:\n" + yaml);
  }

  @Test
  void aContractBecomesAResourceWithoutACluster(@TempDir Path temp) throws Exception {
    TopicContract contract =
        TopicContract.newBuilder()
            .setName("parcels.events")
            .setKeyField("order_id")
            .setPartitions(12)
            .setCleanupPolicy(CleanupPolicy.CLEANUP_POLICY_COMPACT_DELETE)
            .setRetentionMs(86_400_000)
            .build();
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, contract),
        () -> {
          Run plan = plan("--cluster", "production");
          assertThat(resource(plan.out(), "parcels.events"))
              .isEqualTo(
                  """
                  apiVersion: kafka.strimzi.io/v1
                  kind: KafkaTopic
                  metadata:
                    name: parcels.events
                    labels:
                      app.kubernetes.io/part-of: hermes
                      strimzi.io/cluster: production
                  # Events: OrderPlaced
                  spec:
                    partitions: 12
                    config:
                      cleanup.policy: "compact,delete"
                      retention.ms: 86400000
                  """);
          assertThat(plan.err()).isEmpty();
          assertThat(plan.exitCode()).isZero();
        });
  }

  @Test
  void deadLetterTopicsAreTheOnesThatASubscriberWouldCreate(@TempDir Path temp) throws Exception {
    TopicContract contract =
        TopicContract.newBuilder()
            .setName("parcels")
            .setKeyField("order_id")
            .setPartitions(6)
            .build();
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, contract),
        () -> {
          String letters = resource(plan().out(), "parcels-dlt");
          assertThat(letters).contains("\n  partitions: 6\n");
          DeadLetterHeaders.topicConfiguration()
              .forEach(
                  (name, value) ->
                      assertThat(letters).contains("\n    " + name + ": " + value + "\n"));
          // What the contract leaves to the broker is left to it here, too.
          assertThat(resource(plan().out(), "user.events")).endsWith("spec: {}\n");
        });
  }

  @Test
  void aTopicWhoseNameKubernetesDoesNotTakeGetsAnotherResourceName(@TempDir Path temp)
      throws Exception {
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, "Orders_Placed"),
        () -> {
          String name = Strimzi.resourceName("Orders_Placed");
          assertThat(name).matches("orders-placed-[0-9a-f]{8}");
          assertThat(resource(plan().out(), name)).contains("\n  topicName: \"Orders_Placed\"");
          assertThat(resource(plan().out(), Strimzi.resourceName("Orders_Placed-dlt")))
              .contains("\n  topicName: \"Orders_Placed-dlt\"\n");
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"A", "a_b", "a..b", ".a", "a.", "-", "_", "..a", "a.-b"})
  void everyTopicGetsAResourceNameOfItsOwn(String topic) {
    assertThat(Strimzi.isResourceName(topic)).isFalse();
    assertThat(Strimzi.isResourceName(Strimzi.resourceName(topic))).isTrue();
    assertThat(Strimzi.resourceName(topic)).isNotEqualTo(Strimzi.resourceName(topic + "x"));
  }

  @Test
  void theLongestTopicsDiffer() {
    String longest = "T".repeat(248);
    assertThat(Strimzi.isResourceName(Strimzi.resourceName(longest + "a"))).isTrue();
    assertThat(Strimzi.resourceName(longest + "a"))
        .isNotEqualTo(Strimzi.resourceName(longest + "b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "No", "1.5", "0x1f", "-", "null", "1_000", "a: b", "on"})
  void textThatYamlWouldReadAsSomethingElseIsQuoted(String text) {
    assertThat(Strimzi.text(text)).isEqualTo('"' + text + '"');
  }

  @Test
  void theFileOfTheRepositoryIsWhatTheCommandWrites() {
    assertThat(Documents.text(Documents.ROOT.resolve("k8s/strimzi/topics.yaml")))
        .as("refresh it: ./hermes topics plan --format strimzi > k8s/strimzi/topics.yaml")
        .isEqualTo(plan().out());
  }

  @Test
  void applyRefusesBrokersThatStrimziRuns() {
    try (EmbeddedKafka kafka =
        EmbeddedKafka.builder()
            .property(
                "listener.security.protocol.map",
                "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT,CONTROLPLANE-9090:SSL")
            .start()) {
      String broker = kafka.bootstrapServers();
      Run refused = Run.hermes(broker, "topics", "apply");
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.out()).isEmpty();
      assertThat(refused.err())
          .contains("Strimzi runs the brokers at " + broker, "topics plan --format strimzi");
      assertThat(Run.hermes(broker, "topics", "plan").lines())
          .isNotEmpty()
          .allMatch(line -> line.startsWith("missing"));

      assertThat(Run.hermes(broker, "topics", "apply", "--no-operator").exitCode()).isZero();
      try (TopicAdmin admin = TopicAdmin.connect(KafkaSettings.of(broker))) {
        assertThat(admin.partitions("user.events")).isPositive();
      }
    }
  }
}
