package io.hermes.cli.broker;

import static java.time.Duration.ofSeconds;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.AccessException;
import io.hermes.Topic;
import io.hermes.cli.Run;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.publish.HermesPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.EmbeddedKafka;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs with users of their own, on a broker that allows nothing that no ACL allows. */
@Timeout(120)
class AclsCommandTest {

  private static final String EVENTS = "user.events";

  private static SecuredKafka kafka;
  private final String program = "program-" + UUID.randomUUID();

  @BeforeAll
  static void start() throws Exception {
    kafka = SecuredKafka.start();
    assertThat(as("admin", "topics", "apply").exitCode()).isZero();
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  private static Map<String, String> environment(String user) {
    return kafka.environment(user);
  }

  private static Run as(String user, String... args) {
    Run run = Run.hermes(new Stop(), Look.PLAIN, environment(user), args);
    assertThat(run.out() + run.err()).doesNotContain(SecuredKafka.SECRET);
    return run;
  }

  private Run acls(String command, String... more) {
    List<String> args = new ArrayList<>(List.of("acls", command, "--program", program));
    args.addAll(List.of(more));
    return as("admin", args.toArray(String[]::new));
  }

  /** The settings of the program, whose user exists now. */
  private KafkaSettings settings() throws Exception {
    kafka.addUser(program);
    return KafkaSettings.fromEnvironment(environment(program));
  }

  private static void publish(Topic<UserEvent> topic, KafkaSettings settings) {
    UserEvent event =
        UserEvent.newBuilder()
            .setUserId("user-123")
            .setEventType(UserEvent.EventType.USER_LOGIN)
            .build();
    try (HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(topic).settings(settings).open()) {
      publisher.publishAndWait(event, ofSeconds(20));
    }
  }

  private static long read(String topic, KafkaSettings settings) {
    long count = 0;
    Topic<UserEvent> named = Topic.of(UserEvent.class).withName(topic);
    try (var reader = HermesReader.builder(named).settings(settings).toEnd().open()) {
      for (var record : reader) {
        assertThat(record.event().getUserId()).isEqualTo("user-123");
        count++;
      }
    }
    return count;
  }

  /** Handles one event, or rather fails to, until it is a dead letter. */
  private void subscribe(String topic, String group, KafkaSettings settings) throws Exception {
    CompletableFuture<Void> handled = new CompletableFuture<>();
    Topic<UserEvent> named = Topic.of(UserEvent.class).withName(topic);
    HermesSubscriber subscriber =
        HermesSubscriber.builder(named)
            .settings(settings)
            .group(group)
            .onError(ErrorPolicy.retry(1).thenDeadLetter())
            .start(
                delivery -> {
                  handled.complete(null);
                  throw new IllegalStateException("no such account");
                });
    try {
      handled.get(30, SECONDS);
      assertThat(subscriber.drain(ofSeconds(20))).isTrue();
    } finally {
      subscriber.close();
    }
  }

  @Test
  void aProgramMayDoWhatWasAppliedAndNothingElse() throws Exception {
    KafkaSettings settings = settings();
    Topic<UserEvent> events = Topic.of(UserEvent.class);
    assertThatThrownBy(() -> publish(events, settings)).isInstanceOf(AccessException.class);
    assertThatThrownBy(() -> subscribe(EVENTS, program, settings))
        .isInstanceOf(AccessException.class);
    assertThatThrownBy(() -> read(EVENTS, settings)).isInstanceOf(AccessException.class);

    assertThat(acls("apply", "--publish", EVENTS).exitCode()).isZero();
    publish(events, settings);
    assertThatThrownBy(() -> read(EVENTS, settings)).isInstanceOf(AccessException.class);
    assertThatThrownBy(() -> subscribe(EVENTS, program, settings))
        .isInstanceOf(AccessException.class);

    assertThat(acls("apply", "--publish", EVENTS, "--subscribe", EVENTS).exitCode()).isZero();
    subscribe(EVENTS, program, settings);
    assertThatThrownBy(() -> subscribe(EVENTS, "another-group", settings))
        .isInstanceOf(AccessException.class);
    // It may write dead letters, not read them; other topics stay closed.
    assertThatThrownBy(() -> read(EVENTS + "-dlt", settings)).isInstanceOf(AccessException.class);
    Topic<UserEvent> orders = events.withName("orders.events");
    assertThatThrownBy(() -> publish(orders, settings)).isInstanceOf(AccessException.class);

    assertThat(acls("apply", "--read", EVENTS + "-dlt").lines())
        .contains("created  topic user.events-dlt: Read");
    assertThat(read(EVENTS + "-dlt", settings)).isEqualTo(1);
  }

  @Test
  void planChangesNothingAndShowsWhatIsMissingSameAndExtra() {
    String[] does = {"--publish", EVENTS, "--subscribe", "orders.events", "--group", "g"};
    for (int i = 0; i < 2; i++) { // the first one has changed nothing
      Run plan = acls("plan", does);
      assertThat(plan.lines())
          .containsExactly(
              "missing  topic orders.events: Read, DescribeConfigs",
              "missing  topic orders.events-dlt: Write, Create",
              "missing  topic user.events: Write, DescribeConfigs",
              "missing  group g: Read");
      assertThat(plan.err()).isEqualTo("7 ACLs missing. To create: ./hermes acls apply.\n");
      assertThat(plan.exitCode()).isEqualTo(3);
    }
    assertThat(acls("apply", does).out())
        .isEqualTo(acls("plan", does).out().replace("same   ", "created"));
    assertThat(acls("plan", does).exitCode()).isZero();

    Run less = acls("apply", "--publish", EVENTS);
    assertThat(less.lines()).contains("extra    group g: Read");
    assertThat(less.err())
        .contains("5 ACLs that " + program + " does not need. Hermes does not remove ACLs: ");
    assertThat(less.exitCode()).isEqualTo(3);

    List<JsonObject> json =
        acls("plan", "--publish", EVENTS, "--json").lines().stream()
            .map(line -> JsonParser.parseString(line).getAsJsonObject())
            .toList();
    assertThat(json).hasSize(7);
    assertThat(json.get(0))
        .hasToString(
            "{\"state\":\"same\",\"principal\":\"User:"
                + program
                + "\",\"resource\":\"topic\",\"name\":\"user.events\",\"pattern\":\"literal\","
                + "\"operation\":\"Write\",\"permission\":\"Allow\"}");
  }

  @Test
  void whoMayNotChangeAclsIsRefused() throws Exception {
    settings();
    Run run =
        as(program, "acls", "apply", "--program", program, "--publish", EVENTS, "--no-operator");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("lacks a permission on the cluster");
    assertThat(acls("plan", "--publish", EVENTS).out()).doesNotContain("same");
  }

  @Test
  void wrongOptionsAreRefusedBeforeAnythingIsCreated() {
    assertThat(acls("apply").err()).contains("--publish, --subscribe or --read");
    Run misspelt = acls("apply", "--publish", EVENTS, "--subscribe", "order.events");
    assertThat(misspelt.err()).contains("Topic order.events has no contract");
    assertThat(misspelt.exitCode()).isEqualTo(2);
    assertThat(acls("plan", "--publish", EVENTS).out()).doesNotContain("same");
  }

  @Test
  void aBrokerWithoutAuthorizerIsNamed() {
    try (EmbeddedKafka open = EmbeddedKafka.start()) {
      Run run =
          Run.hermes(
              open.bootstrapServers(), "acls", "plan", "--program", "x", "--publish", EVENTS);
      assertThat(run.err()).contains("have no authorizer", "authorizer.class.name=");
      assertThat(run.exitCode()).isEqualTo(1);
      try (TopicAdmin admin = TopicAdmin.connect(KafkaSettings.of(open.bootstrapServers()))) {
        assertThat(admin.clusterId()).isNotEmpty();
      }
    }
  }

  @Test
  void groupsNameTheMissingRight() throws Exception {
    settings();
    publish(Topic.of(UserEvent.class), KafkaSettings.fromEnvironment(environment("admin")));
    try (Admin admin =
        Admin.create(
            KafkaSettings.fromEnvironment(environment("admin")).adminProperties(Map.of()))) {
      admin
          .alterConsumerGroupOffsets(
              program, Map.of(new TopicPartition(EVENTS, 0), new OffsetAndMetadata(0)))
          .all()
          .get(30, SECONDS);
      assertThat(as("admin", "groups", "list").out()).contains(program);
      // Without any right there is nothing to see.
      assertThat(as(program, "groups", "list").err()).contains("No consumer groups at ");
      assertMissing("show", "group " + program);
      grant(admin, ResourceType.CLUSTER, "kafka-cluster", AclOperation.DESCRIBE);
      String refused = "No permission to describe .*" + program + ".*. Grant DESCRIBE on .*";
      Run list = as(program, "groups", "list");
      assertThat(list.err()).containsPattern(refused).hasLineCount(1);
      assertThat(list.exitCode()).isEqualTo(1);
      Run top = as(program, "top", "--count", "1");
      assertThat(top.err()).containsPattern(refused).hasLineCount(1);
      assertThat(top.exitCode()).isZero();
      grant(admin, ResourceType.GROUP, program, AclOperation.DESCRIBE);
      Run hidden = as(program, "groups", "show", program);
      assertThat(hidden.out()).contains("nothing is committed for a topic that you may describe");
      grant(admin, ResourceType.TOPIC, EVENTS, AclOperation.DESCRIBE);
      Run shown = as(program, "groups", "show", program);
      assertThat(shown.exitCode()).as(shown.err()).isZero();
      assertMissing("reset", "group " + program);
      grant(admin, ResourceType.GROUP, program, AclOperation.READ);
      assertMissing("reset", EVENTS);
      grant(admin, ResourceType.TOPIC, EVENTS, AclOperation.READ);
      Run reset = as(program, "groups", "reset", program, "--to", "end", "--yes");
      assertThat(reset.exitCode()).as(reset.err()).isZero();
    }
  }

  private void assertMissing(String command, String resource) {
    Run run =
        command.equals("show")
            ? as(program, "groups", "show", program)
            : as(program, "groups", "reset", program, "--to", "end", "--yes");
    assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(1);
    assertThat(run.err()).contains(resource);
    assertThat(run.err().lines()).hasSize(1);
  }

  /** As docs/operations.md grants them for an environment with a topic prefix. */
  @Test
  void twoPrefixedAclsCoverAnEnvironmentAndNoOther() throws Exception {
    settings();
    String prefix = "env-" + UUID.randomUUID() + ".";
    Map<String, String> variables = new HashMap<>(environment(program));
    variables.put("HERMES_TOPIC_PREFIX", prefix);
    KafkaSettings settings = KafkaSettings.fromEnvironment(variables);
    try (Admin admin =
        Admin.create(
            KafkaSettings.fromEnvironment(environment("admin")).adminProperties(Map.of()))) {
      for (String operation : List.of("READ", "WRITE", "CREATE", "DESCRIBE_CONFIGS")) {
        AclOperation onTopics = AclOperation.valueOf(operation);
        grant(admin, ResourceType.TOPIC, prefix, PatternType.PREFIXED, onTopics);
      }
      grant(admin, ResourceType.GROUP, prefix, PatternType.PREFIXED, AclOperation.READ);
    }
    hermes(variables, "topics", "apply");
    publish(Topic.of(UserEvent.class), settings);
    subscribe(EVENTS, "billing", settings);
    assertThat(read(EVENTS, settings)).isEqualTo(1);
    assertThat(hermes(variables, "dlt", "list").out()).contains(prefix + "user.events-dlt");
    Run redriven = hermes(variables, "dlt", "redrive", "user.events-dlt", "--yes");
    assertThat(redriven.out()).contains("for group " + prefix + "billing");
    assertThat(hermes(variables, "groups", "list").out()).contains(prefix + "billing");

    KafkaSettings other = KafkaSettings.fromEnvironment(environment(program));
    assertThatThrownBy(() -> read(EVENTS, other)).isInstanceOf(AccessException.class);
    assertThatThrownBy(() -> subscribe(EVENTS, "billing", other))
        .isInstanceOf(AccessException.class);
  }

  private static Run hermes(Map<String, String> variables, String... args) {
    Run run = Run.hermes(new Stop(), Look.PLAIN, variables, args);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private void grant(Admin admin, ResourceType type, String name, AclOperation operation)
      throws Exception {
    grant(admin, type, name, PatternType.LITERAL, operation);
  }

  private void grant(
      Admin admin, ResourceType type, String name, PatternType pattern, AclOperation operation)
      throws Exception {
    admin
        .createAcls(
            List.of(
                new AclBinding(
                    new ResourcePattern(type, name, pattern),
                    new AccessControlEntry(
                        "User:" + program, "*", operation, AclPermissionType.ALLOW))))
        .all()
        .get(30, SECONDS);
  }
}
