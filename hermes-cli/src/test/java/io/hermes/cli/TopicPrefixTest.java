package io.hermes.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands in an environment with HERMES_TOPIC_PREFIX, beside another one on the same broker. */
@KafkaTest
@Timeout(90)
class TopicPrefixTest {

  private final Kafka kafka;
  private final String prefix = "env-" + UUID.randomUUID() + ".";
  private final String topic = prefix + "user.events";
  private final String letters = topic + "-dlt";
  private final String group = prefix + "billing";

  TopicPrefixTest(Kafka kafka) {
    this.kafka = kafka;
  }

  private void publishInAnotherEnvironment() {
    kafka.createTopic("other-" + letters, 1);
    assertThat(hermes("other-" + prefix, "produce", "--count", "1").exitCode()).isZero();
    String[] member = {"consume", "--topic", "user.events", "--group", "billing", "--limit", "1"};
    assertThat(hermes("other-" + prefix, member).exitCode()).isZero();
  }

  private Run hermes(String environment, String... args) {
    return Run.hermes(new Stop(), Look.PLAIN, environment(environment), args);
  }

  private Map<String, String> environment(String topicPrefix) {
    return Map.of("KAFKA_BROKER", kafka.bootstrapServers(), "HERMES_TOPIC_PREFIX", topicPrefix);
  }

  private Run hermes(String command) {
    return hermes(prefix, command.split(" ", -1));
  }

  private static JsonObject json(String line) {
    return JsonParser.parseString(line).getAsJsonObject();
  }

  @Test
  void topicsAndRecordsAreThoseOfTheEnvironment() {
    publishInAnotherEnvironment();
    assertThat(hermes("topics plan").out())
        .contains("missing  " + topic + ", ", "missing  " + prefix + "orders.events, ");
    assertThat(hermes("topics apply").out()).contains("created  " + topic + ", ");
    assertThat(hermes("topics plan").out()).contains("same     " + topic + ": UserEvent");

    assertThat(hermes("produce --count 3").out()).contains("3 events to " + topic + " at ");
    Run produced = hermes("produce --count 1 --json");
    assertThat(json(produced.out()).get("topic").getAsString()).isEqualTo(topic);

    for (String name : List.of("user.events", topic)) { // as typed, and as pasted
      Run consumed = hermes("consume --to-end --format json --topic " + name);
      assertThat(consumed.lines()).hasSize(4).allMatch(line -> line.contains(topic));
    }
    assertThat(hermes("consume --to-end --format json").lines()).hasSize(4);
    assertThat(hermes("consume --topic user.evnts").err())
        .contains("Topic " + prefix + "user.evnts has no contract", topic);

    assertThat(hermes("doctor").out())
        .contains("topic prefix " + prefix, "topics", topic)
        .doesNotContain("missing", "other-");
    assertThat(hermes("schema list").out()).contains("user.events").doesNotContain(prefix);
    assertThat(hermes("schema show user.events").out()).doesNotContain(prefix);
  }

  @Test
  void aclsAndResourcesOfOperatorsHaveTheNamesOnTheCluster() {
    Run acls =
        hermes(
            "acls plan --program billing --publish user.events --subscribe orders.events"
                + " --format commands");
    assertThat(acls.out())
        .contains(
            "--operation Write --operation DescribeConfigs --topic " + topic,
            "--topic " + prefix + "orders.events",
            "--topic " + prefix + "orders.events-dlt",
            "--allow-principal User:billing",
            "--group " + group + "\n");
    assertThat(acls.lines()).allMatch(line -> line.contains(" " + prefix));
    Run user =
        hermes("acls plan --program billing --subscribe user.events --group b --format strimzi");
    assertThat(user.out())
        .contains("name: billing\n", "name: " + topic, "name: " + letters, "name: " + prefix + "b");
    Run topics = hermes("topics plan --format strimzi");
    assertThat(topics.out())
        .contains("name: " + topic + "\n", "name: " + letters + "\n")
        .doesNotContain("name: user.events");
  }

  @Test
  void groupsAndDeadLettersAreThoseOfTheEnvironment() throws Exception {
    publishInAnotherEnvironment();
    hermes("produce --count 1");
    deadLetter();
    assertThat(hermes("groups list --json").lines())
        .singleElement()
        .satisfies(line -> assertThat(json(line).get("group").getAsString()).isEqualTo(group));
    for (String name : List.of("billing", group)) {
      assertThat(hermes("groups show --json " + name).out())
          .contains("\"group\":\"" + group + "\"", topic);
      assertThat(hermes("top --count 1 --group " + name).out()).contains(topic + "-0");
    }
    assertThat(hermes("top --count 1").out()).contains(group).doesNotContain("other-");
    assertThat(hermes("groups reset billing --to beginning --topic user.events --dry-run").out())
        .contains("would reset", group);

    assertThat(hermes("dlt list --json").lines())
        .singleElement()
        .satisfies(line -> assertThat(json(line).get("topic").getAsString()).isEqualTo(letters));
    for (String name : List.of("user.events-dlt", letters)) {
      assertThat(hermes("dlt show --group billing --format json " + name).lines())
          .singleElement()
          .asString()
          .contains(topic, group);
    }
    Run redriven = hermes("dlt redrive user.events-dlt --yes");
    assertThat(redriven.out())
        .contains("1 dead letter of " + letters + " to " + topic + " for group " + group);
    assertThat(hermes("dlt redrive user.events-dlt --yes").out()).contains("1 already redriven");
    String ledger = prefix + "hermes-redrive.user.events-dlt.0";
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      assertThat(admin.listGroups().all().get())
          .extracting(listing -> listing.groupId())
          .contains(ledger);
    }
    assertThat(hermes("groups list").out()).doesNotContain("hermes-redrive");
    assertThat(hermes("groups reset hermes-redrive.user.events-dlt.0 --to end").err())
        .contains("progress of ./hermes dlt redrive");
    assertThat(hermes("dlt purge user.events-dlt --before-time 0s --yes").out())
        .contains("purged", letters);
    assertThat(hermes("consume --to-end --format json --topic user.events").lines()).hasSize(2);
  }

  private void deadLetter() throws Exception {
    KafkaSettings settings = KafkaSettings.fromEnvironment(environment(prefix));
    CountDownLatch failed = new CountDownLatch(1);
    try (HermesSubscriber subscriber =
        HermesSubscriber.builder(UserEvent.class)
            .settings(settings)
            .group("billing")
            .onError(ErrorPolicy.retry(1))
            .start(
                delivery -> {
                  failed.countDown();
                  throw new IllegalStateException("failed");
                })) {
      assertThat(failed.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(subscriber.config().group()).isEqualTo(group);
    }
  }

  @Test
  void aPrefixThatIsInvalidOrThatANameHasAlreadyIsAnErrorOfUse() {
    for (String command : List.of("produce", "topics plan", "groups list", "dlt list", "top")) {
      Run run = hermes("staging/", command.split(" ", -1));
      assertThat(run.err()).startsWith("hermes: HERMES_TOPIC_PREFIX is 'staging/'. Use letters");
      assertThat(run.exitCode()).isEqualTo(2);
    }
    assertThat(hermes("staging/", "doctor").out())
        .contains("failure  settings       HERMES_TOPIC_PREFIX is 'staging/'.");
    Run run = hermes("user.", "topics", "plan");
    assertThat(run.err()).contains("Topic 'user.events' already starts with the topic prefix");
    assertThat(run.exitCode()).isEqualTo(2);
  }
}
