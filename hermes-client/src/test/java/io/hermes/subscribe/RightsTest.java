package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.AccessException;
import io.hermes.testkit.EmbeddedKafka;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Rights that are missing at the start, or taken away later. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings({"try", "NullAway.Init"}) // a subscriber that only runs; set by JUnit
class RightsTest {

  private EmbeddedKafka kafka;
  private Admin admin;

  @BeforeAll
  void start() {
    kafka =
        EmbeddedKafka.builder()
            .property(
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
            .property("allow.everyone.if.no.acl.found", "true")
            .start();
    admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  @AfterAll
  void stop() {
    admin.close();
    kafka.close();
  }

  private Users users(String topic) {
    kafka.createTopic(topic, 1);
    return new Users(kafka.bootstrapServers(), topic);
  }

  private void deny(ResourceType type, String name, AclOperation denied) throws Exception {
    List<AclBinding> rules =
        List.of(
            rule(type, name, AclOperation.ALL, AclPermissionType.ALLOW),
            rule(type, name, denied, AclPermissionType.DENY));
    admin.createAcls(rules).all().get();
    Await.until(
        "the broker has them from the controller",
        () -> admin.describeAcls(AclBindingFilter.ANY).values().get().containsAll(rules));
  }

  private static AclBinding rule(
      ResourceType type, String name, AclOperation operation, AclPermissionType permission) {
    return new AclBinding(
        new ResourcePattern(type, name, PatternType.LITERAL),
        new AccessControlEntry("User:ANONYMOUS", "*", operation, permission));
  }

  private static void requireRefused(SubscriberBuilder<?> builder, String words) {
    assertThatThrownBy(builder::start)
        .isInstanceOf(AccessException.class)
        .hasMessageContaining(words);
  }

  @Test
  void aDeadLetterTopicThatMayNotBeMadeIsRefusedWithTheCommandToMakeIt() throws Exception {
    try (Users users = users("no-letters")) {
      deny(ResourceType.TOPIC, "no-letters-dlt", AclOperation.CREATE);
      deny(ResourceType.CLUSTER, "kafka-cluster", AclOperation.CREATE); // stands for all topics
      String command = "--create --topic no-letters-dlt --partitions 1";
      SubscriberBuilder<?> builder = users.subscriber().on(users.topic(), delivery -> {});
      requireRefused(builder, command);
      requireRefused(builder.topics(Pattern.compile("no-letters.*")), command);
      // Without dead letters it is not needed.
      users.subscriber().onError(ErrorPolicy.retry(1).thenSkip()).start(delivery -> {}).close();
    }
  }

  @Test
  void aTopicThatMayNotBeReadAndAGroupThatMayNotBeUsedAreRefused() throws Exception {
    try (Users users = users("unreadable");
        Users other = users("readable")) {
      deny(ResourceType.TOPIC, "unreadable", AclOperation.READ);
      requireRefused(users.subscriber().on(users.topic(), delivery -> {}), "unreadable");
      deny(ResourceType.GROUP, other.group(), AclOperation.DESCRIBE);
      requireRefused(other.subscriber().on(other.topic(), delivery -> {}), "group");
    }
  }

  @Test
  void aRightThatIsTakenAwayIsAFaultUntilItIsBack() throws Exception {
    try (Users users = users("taken")) {
      AtomicInteger handled = new AtomicInteger();
      try (HermesSubscriber subscriber = users.subscriber().start(d -> handled.incrementAndGet())) {
        users.send("user-1", 1).get();
        Await.until("handled", () -> users.committedSum() == 1);
        deny(ResourceType.TOPIC, "taken", AclOperation.READ);
        Await.until(
            "health says so",
            () -> {
              users
                  .send("user-1", 2)
                  .get(); // what is fetched before the right is gone does not count
              return !subscriber.health().isHealthy();
            });
        assertThat(subscriber.health().fault()).contains("taken"); // and does not waver
        admin
            .deleteAcls(
                List.of(
                    rule(ResourceType.TOPIC, "taken", AclOperation.READ, AclPermissionType.DENY)
                        .toFilter()))
            .all()
            .get();
        Await.until("healthy", () -> subscriber.health().isHealthy());
        int before = handled.get();
        users.send("user-1", 3).get();
        Await.until("goes on", () -> handled.get() > before);
      }
    }
  }

  /** The one without partitions would not be told by any poll. */
  @Tag("slow")
  @Test
  void aTopicThatMayNotBeDescribedIsAFaultOfEachMemberUntilItMay() throws Exception {
    try (Users users = users("hidden")) {
      AtomicInteger handled = new AtomicInteger();
      try (HermesSubscriber one = users.subscriber().start(d -> handled.incrementAndGet());
          HermesSubscriber other = users.subscriber().start(d -> handled.incrementAndGet())) {
        users.send("user-1", 1).get();
        Await.until("handled", () -> users.committedSum() == 1);
        deny(ResourceType.TOPIC, "hidden", AclOperation.ALL);
        Await.until(
            "at fault",
            () ->
                !one.health().isHealthy()
                    && !other.health().isHealthy()
                    && (isHidden(one) || isHidden(other)));
        admin
            .deleteAcls(
                List.of(
                    rule(ResourceType.TOPIC, "hidden", AclOperation.ALL, AclPermissionType.DENY)
                        .toFilter()))
            .all()
            .get();
        Await.until("healthy", () -> one.health().isHealthy() && other.health().isHealthy());
        users.send("user-1", 2).get();
        Await.until("goes on", () -> users.committedSum() == 2);
      }
    }
  }

  private static boolean isHidden(HermesSubscriber subscriber) {
    String fault = subscriber.health().fault();
    return fault != null && fault.contains("No records are received from topic hidden");
  }
}
