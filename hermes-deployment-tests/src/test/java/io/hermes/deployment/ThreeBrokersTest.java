package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The three brokers that kafka-broker-3node.yaml describes. */
class ThreeBrokersTest {

  @TempDir Path directory;

  @Tag("full")
  @Test
  void theFirstAloneWaitsAndIsJoinedToAQuorumThatOnlyUsersWithAPasswordMayUse() throws Exception {
    try (Cluster cluster = new Cluster(directory, ManifestsTest.THREE, true, null)) {
      // As a kubelet sees it: started (controller port), alive, not ready (internal port).
      cluster.broker(0).launch().await(29093);
      assertThat(cluster.broker(0).isOpen(29092)).isFalse();
      cluster.broker(1).launch();
      cluster.broker(2).launch();
      cluster.awaitReady();
      assertThat(
              cluster.brokers().stream()
                  .map(b -> advertised(b, "EXTERNAL"))
                  .collect(Collectors.toSet()))
          .containsExactlyInAnyOrder(
              "EXTERNAL://" + cluster.broker(0).address() + ":9092",
              "EXTERNAL://" + cluster.broker(0).address() + ":9093",
              "EXTERNAL://" + cluster.broker(0).address() + ":9094");
      cluster.addUser("hermes", "it's;a \"secret");
      String first = cluster.broker(0).address() + ":9092";
      Traffic user = new Traffic(first, Traffic.scram(cluster.ca(), "hermes", "it's;a \\\"secret"));
      try (Admin admin = user.admin()) {
        assertThat(admin.describeCluster().nodes().get()).hasSize(3);
      }
      Traffic wrong = new Traffic(first, Traffic.scram(cluster.ca(), "hermes", "guess"));
      assertThatThrownBy(() -> wrong.createTopic("refused"))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(SaslAuthenticationException.class);
    }
  }

  private static String advertised(DeployedBroker broker, String listener) {
    return List.of(broker.properties().getProperty("advertised.listeners").split(",", -1)).stream()
        .filter(l -> l.startsWith(listener + "://"))
        .findFirst()
        .orElseThrow();
  }

  @Tag("full")
  @Test
  void aQuorumFormsOfTheSecondTheThirdAndTheFirst() throws Exception {
    formQuorum("120");
  }

  @Tag("full")
  @ParameterizedTest
  @ValueSource(strings = {"012", "201"})
  void aQuorumFormsWhicheverStartsFirstAndLast(String order) throws Exception {
    formQuorum(order);
  }

  private void formQuorum(String order) throws Exception {
    try (Cluster cluster = new Cluster(directory, ManifestsTest.THREE, false, null)) {
      int[] ids = order.chars().map(c -> c - '0').toArray();
      cluster.broker(ids[0]).launch().await(29093);
      cluster.broker(ids[1]).launch();
      cluster.await(29092, ids[1], ids[0]);
      cluster.broker(ids[2]).launch();
      cluster.await(29092, ids);
    }
  }
}
