package io.hermes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.kafka.TopicDifference;
import io.hermes.read.HermesReader;
import io.hermes.testing.Events;
import io.hermes.testkit.EmbeddedKafka;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A broker that refuses. */
@Timeout(60)
class AccessTest {

  @Test
  void whatThePrincipalMayNotDoIsAnErrorThatNamesTheTopic() throws Exception {
    try (EmbeddedKafka kafka =
            EmbeddedKafka.builder()
                .property(
                    "authorizer.class.name",
                    "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                .property("allow.everyone.if.no.acl.found", "true")
                .start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        TopicAdmin topics = TopicAdmin.connect(KafkaSettings.of(kafka.bootstrapServers()))) {
      kafka.createTopic("hidden", 1);
      kafka.createTopic("unreadable", 1);
      kafka.createTopic("opaque", 1);
      deny(admin, topic("hidden"), AclOperation.DESCRIBE);
      deny(admin, topic("unreadable"), AclOperation.READ);
      deny(admin, topic("opaque"), AclOperation.DESCRIBE_CONFIGS);
      deny(admin, topic("forbidden"), AclOperation.CREATE);
      deny(
          admin,
          new ResourcePattern(ResourceType.CLUSTER, "kafka-cluster", PatternType.LITERAL),
          AclOperation.CREATE);

      assertThatThrownBy(() -> topics.partitions("hidden"))
          .isInstanceOf(AccessException.class)
          .hasMessageContaining("lacks a permission on topic hidden")
          .hasMessageContaining("kafka-acls.sh");
      assertThatThrownBy(() -> reader(kafka, "hidden").open())
          .isInstanceOf(AccessException.class)
          .hasMessageContaining("topic hidden");
      assertThatThrownBy(() -> topics.createIfMissing(Events.topic("forbidden")))
          .isInstanceOf(AccessException.class)
          .hasMessageContaining("topic forbidden");
      try (HermesReader<UserEvent> reader = reader(kafka, "unreadable").open()) {
        assertThatThrownBy(() -> reader.poll(Duration.ofSeconds(20)))
            .isInstanceOf(AccessException.class)
            .hasMessageContaining("topic unreadable");
      }
      Topic<UserEvent> opaque =
          Topic.builder(UserEvent.class, "opaque")
              .partitions(2)
              .retention(Duration.ofDays(1))
              .build();
      assertThat(topics.compare(opaque))
          .containsExactly(
              new TopicDifference("opaque", "partitions", "1", "2"),
              new TopicDifference("opaque", "retention.ms", null, "86400000"));
    }
  }

  private static HermesReader.Builder<UserEvent> reader(EmbeddedKafka kafka, String topic) {
    return HermesReader.builder(Events.topic(topic))
        .settings(KafkaSettings.of(kafka.bootstrapServers()));
  }

  private static ResourcePattern topic(String name) {
    return new ResourcePattern(ResourceType.TOPIC, name, PatternType.LITERAL);
  }

  private static void deny(Admin admin, ResourcePattern what, AclOperation denied)
      throws Exception {
    List<AclBinding> rules =
        List.of(
            rule(what, AclOperation.ALL, AclPermissionType.ALLOW),
            rule(what, denied, AclPermissionType.DENY));
    admin.createAcls(rules).all().get(20, TimeUnit.SECONDS);
    // The controller has them now; the broker follows.
    while (!admin
        .describeAcls(AclBindingFilter.ANY)
        .values()
        .get(20, TimeUnit.SECONDS)
        .containsAll(rules)) {
      Thread.onSpinWait();
    }
  }

  private static AclBinding rule(
      ResourcePattern what, AclOperation operation, AclPermissionType type) {
    return new AclBinding(what, new AccessControlEntry("User:ANONYMOUS", "*", operation, type));
  }
}
