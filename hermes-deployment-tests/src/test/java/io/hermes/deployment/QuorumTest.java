package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.deployment.Processes.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The runbooks that could lose a cluster, followed to the letter by three brokers. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@Tag("full")
class QuorumTest {

  private static final String CHECK = "kafka-topics --describe --unavailable-partitions";
  private static final String AFTERWARDS = "one Leader, two Followers";
  private static final String UPGRADE = "kafka-features upgrade $features";

  @TempDir Path directory;

  @Test
  void anUpgradeKeepsTheQuorumStaticAndABrokerWithANewVolumeVotesAgain() throws Exception {
    String outside = new Loopback().address(9);
    try (Cluster cluster = new Cluster(directory, ManifestsTest.THREE, false, outside);
        Proxy proxy = new Proxy(directory, cluster, outside)) {
      cluster.brokers().forEach(QuorumTest::formatAsOlderVersion);
      Runbook runbook = start(cluster);
      Traffic traffic = new Traffic(outside + ":9092," + outside + ":9093", Map.of());
      assertThat(feature(traffic, "metadata.version")).isEqualTo((short) 29);

      String features =
          runbook.run(UPGRADE, Map.of("<major.minor>", "4.3")).expectSuccess().output();

      assertThat(features).contains("metadata.version was upgraded to 30.");
      assertThat(feature(traffic, "metadata.version")).isEqualTo((short) 30);
      // Kafka does not list a feature of level 0.
      assertThat(feature(traffic, "kraft.version")).isZero();

      traffic.createTopic("user.events");
      traffic.publish("user.events", 0, 100);
      cluster.broker(1).close();
      String check = runbook.run(CHECK).expectSuccess().output();
      assertThat(check).contains("Leader").doesNotContain("Topic:");
      replaceVolume(cluster, runbook);

      awaitThreeVoters(traffic);
      traffic.publish("user.events", 100, 200);
      assertThat(afterwards(runbook)).doesNotContain("Observer", "Topic:");
      // The proof: any one of them may go now, also the two that were there all the time.
      cluster.broker(0).close();
      traffic.publish("user.events", 200, 300);
      traffic.expect("user.events", 300);
      assertThat(proxy.isAlive()).isTrue();
    }
  }

  @Test
  void aDynamicQuorumGetsItsThirdVoterBack() throws Exception {
    try (Cluster cluster = new Cluster(directory, ManifestsTest.THREE, true, null)) {
      Runbook runbook = start(cluster);
      cluster.addUser("hermes", "secret");
      Traffic traffic =
          new Traffic(
              cluster.broker(0).address() + ":9092",
              Traffic.scram(cluster.ca(), "hermes", "secret"));
      // What the runbook warns of.
      runbook
          .run(UPGRADE, Map.of("<major.minor>", "4.3", "/^kraft.version=/d; ", ""))
          .expectSuccess();
      cluster.broker(1).close();
      replaceVolume(cluster, runbook);
      try (Admin admin = traffic.admin()) {
        assertThat(quorum(admin).observers()).anyMatch(o -> o.replicaId() == 1);
      }

      assertThat(untilALeaderDoesIt(runbook, "remove-controller --controller-id 1"))
          .contains("Removed");
      assertThat(untilALeaderDoesIt(runbook, "add-controller"))
          .contains("Added controller 1 with directory id")
          .contains("CONTROLLER://" + cluster.name(1) + ":29093");
      awaitThreeVoters(traffic);
    }
  }

  private Runbook start(Cluster cluster) throws IOException {
    cluster.brokers().forEach(DeployedBroker::launch);
    cluster.awaitReady();
    return new Runbook(directory, cluster, cluster.isSecure() ? "secure" : "plain");
  }

  /** What an older broker left on its volume. */
  private static void formatAsOlderVersion(DeployedBroker broker) {
    broker.setUp().expectSuccess();
    delete(broker.volume());
    broker
        .tool(
            "kafka.tools.StorageTool",
            List.of(
                "format",
                "--release-version=4.2",
                "--cluster-id=lSW_074xQ4yd-tZBwLU8YQ",
                "--config=" + broker.configuration()))
        .expectSuccess();
  }

  /** The commands delete claim and pod; the StatefulSet makes others. */
  private static void replaceVolume(Cluster cluster, Runbook runbook) {
    runbook.run("delete pvc kafka-data-kafka-broker-1").expectSuccess();
    assertThat(runbook.calls())
        .containsExactly(
            "delete pvc kafka-data-kafka-broker-1 --wait=false", "delete pod kafka-broker-1");
    delete(cluster.broker(1).volume());
    cluster.broker(1).launch().await(cluster.readinessPort());
  }

  /** As the document says: again, if the leader went while it was asked. */
  private static String untilALeaderDoesIt(Runbook runbook, String command) {
    Result result = runbook.run(command);
    while (result.exitCode() != 0 && result.output().contains("NotLeaderOrFollowerException")) {
      result = runbook.run(command);
    }
    return result.expectSuccess().output();
  }

  private static String afterwards(Runbook runbook) {
    while (true) {
      String output = runbook.run(AFTERWARDS).expectSuccess().output();
      if (!output.contains("Topic:")) {
        return output;
      }
    }
  }

  /** Those who vote, by node id, each with a log that goes on. */
  private static void awaitThreeVoters(Traffic traffic) throws Exception {
    try (Admin admin = traffic.admin()) {
      while (true) {
        QuorumInfo quorum = quorum(admin);
        assertThat(quorum.voters().stream().map(QuorumInfo.ReplicaState::replicaId))
            .containsExactlyInAnyOrder(0, 1, 2);
        long end =
            quorum.voters().stream()
                .filter(v -> v.replicaId() == quorum.leaderId())
                .mapToLong(QuorumInfo.ReplicaState::logEndOffset)
                .findFirst()
                .orElseThrow();
        if (quorum.voters().stream().allMatch(v -> v.logEndOffset() > end - 20)) {
          return;
        }
        Processes.pause();
      }
    }
  }

  private static QuorumInfo quorum(Admin admin) throws Exception {
    return admin.describeMetadataQuorum().quorumInfo().get();
  }

  private static short feature(Traffic traffic, String name) throws Exception {
    try (Admin admin = traffic.admin()) {
      FeatureMetadata features = admin.describeFeatures().featureMetadata().get();
      FinalizedVersionRange range = features.finalizedFeatures().get(name);
      return range == null ? 0 : range.maxVersionLevel();
    }
  }

  private static void delete(Path path) {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
