package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.Fault;
import io.hermes.kafka.KafkaClients;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.CapturedLog;
import io.hermes.testkit.EmbeddedKafka;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The group does not take a member, or puts it out: it says so until it is back in, in both group
 * protocols. With the new one, Kafka's consumer reports that once and then polls nothing for ever.
 */
@Timeout(90)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings({"try", "NullAway.Init"}) // a subscriber that only runs; set by JUnit
class MembershipTest {

  private EmbeddedKafka kafka;
  private Admin admin;
  private int topics;

  @BeforeAll
  void start() {
    kafka =
        EmbeddedKafka.builder()
            .property(
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
            .property("allow.everyone.if.no.acl.found", "true")
            .property("group.max.size", "2")
            .property("group.consumer.max.size", "2")
            .property("group.consumer.min.session.timeout.ms", "6000")
            .property("group.consumer.session.timeout.ms", "6000")
            .property("group.consumer.min.heartbeat.interval.ms", "300")
            .property("group.consumer.heartbeat.interval.ms", "300")
            .start();
    admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  @AfterAll
  void stop() {
    admin.close();
    kafka.close();
  }

  private Users users(int partitions) {
    String topic = "members-" + topics++;
    kafka.createTopic(topic, partitions);
    return new Users(kafka.bootstrapServers(), topic);
  }

  private static KafkaSettings settings(Users users, String protocol) {
    KafkaSettings.Builder settings =
        users.settings().toBuilder().property("group.protocol", protocol);
    return protocol.equals("classic")
        ? settings
            .property("heartbeat.interval.ms", Users.HEARTBEAT_MS)
            .property("session.timeout.ms", 6_000)
            .build()
        : settings.build();
  }

  private static int assigned(HermesSubscriber subscriber) {
    return subscriber.health().assigned().size();
  }

  private static void requireUnhealthy(HermesSubscriber subscriber, Duration time) {
    long untilNs = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - untilNs < 0) {
      assertThat(subscriber.health().isHealthy()).isFalse();
      LockSupport.parkNanos(10_000_000);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aMemberWithoutPartitionsHasJoinedAllTheSame(String protocol) throws Exception {
    try (Users users = users(1)) {
      HermesSubscriber notStarted =
          users.subscriber().settings(settings(users, protocol)).on(users.topic(), d -> {}).build();
      assertThat(notStarted.health().joined()).isFalse();
      try (HermesSubscriber one =
              users.subscriber().settings(settings(users, protocol)).start(d -> {});
          HermesSubscriber other =
              users.subscriber().settings(settings(users, protocol)).start(d -> {})) {
        Await.until("both", () -> one.health().joined() && other.health().joined());
        Await.until("one has it", () -> assigned(one) + assigned(other) == 1);
        assertThat(one.health().isHealthy() && other.health().isHealthy()).isTrue();
      }
    }
  }

  private static List<Fault.Kind> kinds(HermesSubscriber subscriber) {
    return subscriber.health().faults().stream().map(Fault::kind).toList();
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aGroupThatIsFullIsAFaultUntilThereIsRoom(String protocol) throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (Users users = users(2)) {
      SubscriberBuilder<?> builder =
          users
              .subscriber()
              .settings(settings(users, protocol))
              .on(users.topic(), delivery -> handled.incrementAndGet());
      HermesSubscriber first = builder.start();
      try (HermesSubscriber second = builder.start()) {
        Await.until("each has one", () -> assigned(first) == 1 && assigned(second) == 1);
        try (HermesSubscriber third = builder.start()) {
          Await.until("at fault", () -> kinds(third).contains(Fault.Kind.MEMBERSHIP));
          assertThat(third.health().fault()).contains(users.group());
          // It stays one for as long as the reason: a poll that returns nothing proves nothing.
          requireUnhealthy(third, Duration.ofSeconds(3));
          first.close();
          Await.until("assigned", () -> assigned(third) == 1);
          Await.until("healthy", () -> third.health().isHealthy());
          users.sendAll(4, 5);
          Await.until("handled", () -> users.committedSum() == 20);
          assertThat(handled).hasValue(20);
        }
      }
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aGroupWhosePermissionIsRevokedForSecondsGoesOnOnceItIsGranted(String protocol)
      throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (Users users = users(1);
        HermesSubscriber subscriber =
            users
                .subscriber()
                .settings(settings(users, protocol))
                .start(delivery -> handled.incrementAndGet())) {
      users.send("user-1", 1).get();
      Await.until("handled", () -> users.committedSum() == 1);
      AclBinding denied = read(users.group(), AclPermissionType.DENY);
      AclBinding allowed = read(users.group(), AclPermissionType.ALLOW);
      admin.createAcls(List.of(allowed, denied)).all().get();
      users.send("user-1", 2).get();
      Await.until("at fault", () -> !subscriber.health().isHealthy());
      assertThat(subscriber.health().fault())
          .contains("permission on group " + users.group())
          .doesNotContain("group null");
      requireUnhealthy(subscriber, Duration.ofSeconds(4));
      admin.deleteAcls(List.of(denied.toFilter())).all().get();
      users.send("user-1", 3).get();
      Await.until("handled", () -> users.committedSum() == 3);
      Await.until("healthy", () -> subscriber.health().isHealthy());
    }
  }

  @Tag("full")
  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void anIdleMemberWhosePermissionIsRevokedSaysSoToo(String protocol) throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (Users users = users(1);
        HermesSubscriber subscriber =
            users
                .subscriber()
                .settings(settings(users, protocol))
                .patience(Patience.DEFAULT.confirmation(Duration.ofSeconds(1)))
                .start(delivery -> handled.incrementAndGet())) {
      Await.until("assigned", () -> assigned(subscriber) == 1);
      AclBinding denied = read(users.group(), AclPermissionType.DENY);
      AclBinding allowed = read(users.group(), AclPermissionType.ALLOW);
      admin.createAcls(List.of(allowed, denied)).all().get();
      Await.until("at fault", () -> !subscriber.health().isHealthy());
      assertThat(subscriber.health().fault()).contains("permission on group " + users.group());
      requireUnhealthy(subscriber, Duration.ofSeconds(8)); // beyond the session timeout
      admin.deleteAcls(List.of(denied.toFilter())).all().get();
      Await.until("healthy", () -> subscriber.health().isHealthy());
      users.send("user-1", 1).get();
      Await.until("handled", () -> users.committedSum() == 1);
      assertThat(handled).hasValue(1);
    }
  }

  private static AclBinding read(String group, AclPermissionType permission) {
    return new AclBinding(
        new ResourcePattern(ResourceType.GROUP, group, PatternType.LITERAL),
        new AccessControlEntry(
            "User:ANONYMOUS",
            "*",
            permission == AclPermissionType.DENY ? AclOperation.READ : AclOperation.ALL,
            permission));
  }

  @Test
  void aStaticNameThatIsStillTakenIsAFaultUntilItIsFree() throws Exception {
    try (Users users = users(1)) {
      KafkaSettings settings =
          settings(users, "consumer").toBuilder().property("group.instance.id", "one").build();
      SubscriberBuilder<?> builder =
          users.subscriber().settings(settings).on(users.topic(), delivery -> {});
      HermesSubscriber first = builder.start();
      Await.until("assigned", () -> assigned(first) == 1);
      try (HermesSubscriber second = builder.start()) {
        Await.until("at fault", () -> kinds(second).contains(Fault.Kind.MEMBERSHIP));
        assertThat(second.health().fault()).contains("has the same group.instance.id. Give each");
        assertThat(first.health().isHealthy()).isTrue();
        first.close(); // a static member that closes keeps its name only for itself
        Await.until("assigned", () -> assigned(second) == 1);
        Await.until("healthy", () -> second.health().isHealthy());
      }
    }
  }

  @Test
  void anAssignorThatTheBrokersLackEndsTheSubscriberWithTheReason() throws Exception {
    try (Users users = users(1)) {
      KafkaSettings settings =
          settings(users, "consumer").toBuilder()
              .property("group.remote.assignor", "no-such-assignor")
              .build();
      try (HermesSubscriber subscriber =
          users.subscriber().settings(settings).start(delivery -> {})) {
        assertThatThrownBy(() -> subscriber.completion().get(30, TimeUnit.SECONDS))
            .hasStackTraceContaining("no-such-assignor");
        assertThat(subscriber.health().isHealthy()).isFalse();
      }
    }
  }

  /** Kafka's errors may get lost between its threads and poll(): then its silence has to do. */
  @Test
  void aMemberThatIsOutOfTheGroupWithoutAnErrorIsNoticedAndJoinsAgain() throws Exception {
    try (Users users = users(1)) {
      KafkaSettings settings = settings(users, "consumer");
      SubscriberBuilder<?> builder =
          users
              .subscriber()
              .settings(settings)
              .patience(Patience.DEFAULT.membership(Duration.ofSeconds(2)))
              .on(users.topic(), delivery -> {});
      HermesSubscriber first = builder.start();
      try (HermesSubscriber second = builder.start()) {
        Await.until("one has it", () -> assigned(first) + assigned(second) == 1);
        Await.until("the other is well", () -> second.health().isHealthy());
        Silent silent = new Silent(settings.clients(), new CopyOnWriteArrayList<>());
        builder.settings(settings.toBuilder().clients(silent).build());
        try (CapturedLog log = new CapturedLog();
            HermesSubscriber third = builder.start()) {
          Await.until("at fault", () -> kinds(third).contains(Fault.Kind.MEMBERSHIP));
          assertThat(third.health().fault()).contains("not in group " + users.group());
          // More members than partitions; one that gets no processor for 2 s is at fault, too.
          Await.until("others", () -> first.health().isHealthy() && second.health().isHealthy());
          first.close();
          second.close();
          Await.until("assigned", () -> assigned(third) == 1);
          Await.until("healthy", () -> third.health().isHealthy());
          assertThat(silent.clientIds)
              .hasSizeGreaterThan(1)
              .containsOnly(users.group() + "-subscriber-3"); // one id each, however often it joins
          assertThat(log.text()).doesNotContain("InstanceAlreadyExists", "already exists");
        }
      }
    }
  }

  /** Consumers whose polls never fail. */
  private record Silent(KafkaClients clients, List<Object> clientIds) implements KafkaClients {

    @Override
    public Producer<byte[], byte[]> producer(Map<String, Object> config) {
      return clients.producer(config);
    }

    @Override
    public Admin admin(Map<String, Object> config) {
      return clients.admin(config);
    }

    @Override
    @SuppressWarnings("unchecked") // a proxy of the interface
    public Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
      Consumer<byte[], byte[]> consumer = clients.consumer(config);
      clientIds.add(config.get("client.id"));
      return (Consumer<byte[], byte[]>)
          Proxy.newProxyInstance(
              Consumer.class.getClassLoader(),
              new Class<?>[] {Consumer.class},
              (proxy, method, args) -> {
                try {
                  return method.invoke(consumer, args);
                } catch (InvocationTargetException e) {
                  if (method.getName().equals("poll")
                      && e.getCause() instanceof KafkaException
                      && !(e.getCause() instanceof WakeupException)) {
                    return ConsumerRecords.empty();
                  }
                  throw e.getCause();
                }
              });
    }
  }
}
