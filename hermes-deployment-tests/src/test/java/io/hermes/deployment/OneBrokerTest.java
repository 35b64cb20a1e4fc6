package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker that kafka-broker.yaml describes. */
class OneBrokerTest {

  private static final Duration GRACE = Duration.ofMinutes(2);

  @TempDir Path directory;

  @Tag("full")
  @Test
  void servesClientsOnceItIsReadyWithItsDataBelowTheRootOfTheVolume() throws Exception {
    try (Cluster cluster = new Cluster(directory, ManifestsTest.SINGLE, false, null)) {
      DeployedBroker broker = cluster.broker(0);
      Path lostAndFound = Files.createDirectories(broker.volume().resolve("lost+found"));
      Traffic outside = new Traffic(broker.address() + ":9092", Map.of());

      broker.launch().await(cluster.readinessPort());
      outside.createTopic("user.events");
      outside.publish("user.events", 0, 100);
      assertThat(Traffic.checkAddress(directory, broker.address(), "9092").expectSuccess().output())
          .isEqualTo(broker.address() + ":9092\n");

      outside.expect("user.events", 100);
      try (var files = Files.list(broker.volume())) {
        assertThat(files).containsExactlyInAnyOrder(lostAndFound, broker.volume().resolve("kraft"));
      }
      assertThat(broker.volume().resolve("kraft/user.events-0")).isDirectory();
    }
  }

  @Test
  @Tag("full")
  void withSecurityServesOnlyWhoKnowsThePasswordAlsoAfterARestart() throws Exception {
    try (Cluster cluster = new Cluster(directory, ManifestsTest.SINGLE, true, null)) {
      DeployedBroker broker = cluster.broker(0);
      String address = broker.address() + ":9092";
      Traffic user = new Traffic(address, Traffic.scram(cluster.ca(), "hermes", "secret"));

      broker.launch().await(cluster.readinessPort());
      cluster.addUser("hermes", "secret");
      user.createTopic("user.events");
      user.publish("user.events", 0, 100);
      broker.stop(GRACE);
      broker.launch().await(cluster.readinessPort());

      user.expect("user.events", 100);
      onlyWhatAnAclAllows(cluster, address, user);
      Traffic.checkAddress(directory, broker.address(), "9092", cluster.ca().toString())
          .expectSuccess();
      Traffic wrong = new Traffic(address, Traffic.scram(cluster.ca(), "hermes", "guess"));
      assertThatThrownBy(() -> wrong.createTopic("refused"))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(SaslAuthenticationException.class);
      try (Admin anonymous = new Traffic(address, Map.of()).admin()) {
        assertThatThrownBy(() -> anonymous.listTopics().names().get(3, TimeUnit.SECONDS))
            .isInstanceOfAny(TimeoutException.class, ExecutionException.class);
      }
      for (int port : List.of(29093, 29094)) {
        Traffic noCertificate =
            new Traffic(broker.address() + ":" + port, Traffic.tls(cluster.ca()));
        assertThatThrownBy(() -> noCertificate.createTopic("refused"))
            .hasMessageContaining("SslAuthenticationException");
      }
    }
  }

  /** A program's user, which is no administrator as the user of Secret kafka-client is. */
  private static void onlyWhatAnAclAllows(Cluster cluster, String address, Traffic administrator)
      throws Exception {
    cluster.addUser("billing", "other");
    Traffic billing = new Traffic(address, Traffic.scram(cluster.ca(), "billing", "other"));
    assertThatThrownBy(() -> billing.publish("user.events", 100, 101))
        .hasStackTraceContaining("AuthorizationException");
    AclBinding write =
        new AclBinding(
            new ResourcePattern(ResourceType.TOPIC, "user.events", PatternType.LITERAL),
            new AccessControlEntry(
                "User:billing", "*", AclOperation.WRITE, AclPermissionType.ALLOW));
    try (Admin admin = administrator.admin()) {
      admin.createAcls(List.of(write)).all().get(30, TimeUnit.SECONDS);
      while (admin
          .describeAcls(AclBindingFilter.ANY)
          .values()
          .get(30, TimeUnit.SECONDS)
          .isEmpty()) {
        Processes.pause();
      }
    }
    billing.publish("user.events", 100, 101);
    assertThatThrownBy(() -> billing.createTopic("refused"))
        .hasStackTraceContaining("AuthorizationException");
  }
}
