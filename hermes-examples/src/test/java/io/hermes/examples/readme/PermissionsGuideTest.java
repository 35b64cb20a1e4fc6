package io.hermes.examples.readme;

import static java.time.Duration.ofSeconds;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.apache.kafka.common.acl.AclOperation.ALTER;
import static org.apache.kafka.common.acl.AclOperation.CLUSTER_ACTION;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.ResourceType.CLUSTER;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.AccessException;
import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberListener;
import io.hermes.testkit.EmbeddedKafka;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The ACL table of docs/security.md: Hermes works with these ACLs and no others. */
@Timeout(120)
class PermissionsGuideTest {

  private static final String NAME = "rights.events";
  private static final Topic<UserEvent> EVENTS = Topic.of(UserEvent.class).withName(NAME);

  @Test
  void theAclsOfTheTableAreEnough() throws Exception {
    EmbeddedKafka.Builder broker =
        EmbeddedKafka.builder()
            .property(
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
            // A resource with any rule lets nobody do anything else.
            .property("allow.everyone.if.no.acl.found", "true");
    try (EmbeddedKafka kafka = broker.start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
      // What the broker needs itself, and this test; neither Create nor IdempotentWrite.
      allow(admin, CLUSTER, "kafka-cluster", CLUSTER_ACTION, ALTER, DESCRIBE);

      allow(admin, TOPIC, NAME, WRITE, CREATE);
      publish(HermesPublisher.builder(EVENTS).settings(settings).createTopics());
      allow(admin, TOPIC, NAME, WRITE);
      publish(HermesPublisher.builder(EVENTS).settings(settings));
      assertThatThrownBy(() -> read(settings)).isInstanceOf(AccessException.class);

      allow(admin, TOPIC, NAME, READ);
      assertThat(read(settings)).isEqualTo(2);

      allow(admin, GROUP, "billing", READ);
      allow(admin, TOPIC, NAME + "-dlt", WRITE, CREATE);
      letTwoDie(settings);
    }
  }

  private static void publish(HermesPublisher.Builder<UserEvent> builder) {
    UserEvent event = UserEvent.newBuilder().setUserId("user-123").build();
    try (HermesPublisher<UserEvent> publisher = builder.open()) {
      publisher.publishAndWait(event, ofSeconds(20));
    }
  }

  private static int read(KafkaSettings settings) {
    int count = 0;
    try (var reader = HermesReader.builder(EVENTS).settings(settings).toEnd().open()) {
      for (EventRecord<UserEvent> record : reader) {
        assertThat(record.event().getUserId()).isEqualTo("user-123");
        count++;
      }
    }
    return count;
  }

  private static void letTwoDie(KafkaSettings settings) throws InterruptedException {
    BlockingQueue<Long> dead = new LinkedBlockingQueue<>();
    HermesSubscriber subscriber =
        HermesSubscriber.builder(EVENTS)
            .settings(settings)
            .group("billing")
            .onError(ErrorPolicy.retry(1).thenDeadLetter())
            .listener(
                new SubscriberListener() {
                  @Override
                  public void deadLettered(EventRecord<?> record, Throwable failure) {
                    dead.add(record.offset());
                  }
                })
            .start(
                delivery -> {
                  throw new IllegalStateException("no such account");
                });
    assertThat(dead.poll(30, SECONDS)).isNotNull();
    assertThat(dead.poll(30, SECONDS)).isNotNull();
    assertThat(subscriber.drain(ofSeconds(20))).isTrue(); // has committed
  }

  /** These operations and no others. */
  private static void allow(Admin admin, ResourceType type, String name, AclOperation... operations)
      throws Exception {
    ResourcePattern resource = new ResourcePattern(type, name, PatternType.LITERAL);
    AclBindingFilter all = new AclBindingFilter(resource.toFilter(), AccessControlEntryFilter.ANY);
    Set<AclBinding> wanted = new HashSet<>();
    for (AclOperation operation : operations) {
      wanted.add(
          new AclBinding(
              resource,
              new AccessControlEntry("User:ANONYMOUS", "*", operation, AclPermissionType.ALLOW)));
    }
    List<AclBindingFilter> others =
        admin.describeAcls(all).values().get(20, SECONDS).stream()
            .filter(rule -> !wanted.contains(rule))
            .map(AclBinding::toFilter)
            .toList();
    admin.createAcls(wanted).all().get(20, SECONDS);
    admin.deleteAcls(others).all().get(20, SECONDS);
    // The controller has them now; the broker follows.
    while (!wanted.equals(Set.copyOf(admin.describeAcls(all).values().get(20, SECONDS)))) {
      Thread.onSpinWait();
    }
  }
}
