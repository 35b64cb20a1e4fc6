package io.hermes.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.cli.NewEvent;
import io.hermes.cli.Run;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.contract.TopicContract;
import io.hermes.testkit.EmbeddedKafka;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The doctor with healthy and with ill brokers; no check may hang. */
@Timeout(60)
class DoctorCommandTest {

  private static final EmbeddedKafka KAFKA =
      EmbeddedKafka.builder()
          .property(
              "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
          .property("allow.everyone.if.no.acl.found", "true")
          .start();
  private static final String BROKER = KAFKA.bootstrapServers();
  private static final String PORT = BROKER.replaceAll(".*:", "");

  @AfterAll
  static void stop() {
    KAFKA.close();
  }

  @Test
  void allIsWellOnceTheTopicsAreThere() {
    assertThat(Run.hermes(BROKER, "topics", "apply").exitCode()).isZero();
    String named = "localhost:" + PORT;
    Run run = Run.hermes(named, "doctor");
    assertThat(run.lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .matches("ok       versions       hermes .*, kafka-clients 4.*, protobuf 4.*"),
            line ->
                assertThat(line).matches("ok       zstd +the native library of zstd-jni 1.* works"),
            line ->
                assertThat(line)
                    .isEqualTo("ok       settings       brokers " + named + ", plaintext"),
            line -> assertThat(line).matches("ok       dns            localhost is .*127.0.0.1.*"),
            line -> assertThat(line).isEqualTo("ok       tcp            connected to " + named),
            line -> assertThat(line).matches("ok       broker         cluster \\S+, 1 broker, .*"),
            line ->
                assertThat(line).isEqualTo("ok       advertised     " + BROKER + " can be reached"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "ok       permissions    read and write orders.events, payments.events,"
                            + " user.events; create topics"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "ok       topics         orders.events, payments.events, user.events:"
                            + " match the contracts"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "ok       replicas       orders.events, payments.events, user.events:"
                            + " all in sync"),
            line -> assertThat(line).isEqualTo("ok       transactions   none blocks readers"),
            line -> assertThat(line).isEqualTo("ok       quorum         1 voter: 1"));
    assertThat(run.err()).isEqualTo("All is well.\n");
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void jsonHasAnObjectForEachCheck(@TempDir Path temp) throws Exception {
    KAFKA.createTopic("doctored", 1, Map.of("min.insync.replicas", "2"));
    TopicContract contract =
        TopicContract.newBuilder()
            .setName("doctored")
            .setKeyField("order_id")
            .setPartitions(3)
            .build();
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, contract),
        () -> {
          Run run = Run.hermes(BROKER, "doctor", "--format", "json");
          assertThat(run.err()).isEmpty();
          assertThat(run.exitCode()).isEqualTo(1);
          List<JsonObject> findings =
              run.lines().stream()
                  .map(line -> JsonParser.parseString(line).getAsJsonObject())
                  .toList();
          assertThat(findings)
              .allSatisfy(
                  f -> assertThat(f.keySet()).containsExactly("check", "result", "text", "advice"));
          assertThat(run.out())
              .contains(
                  "{\"check\":\"topics\",\"result\":\"warning\",\"text\":\"doctored: partitions is"
                      + " 1, its contract says 3\",\"advice\":\"Adding partitions changes")
              .contains(
                  "\"result\":\"failure\",\"text\":\"doctored: fewer replicas in sync than"
                      + " min.insync.replicas=2 for partition 0\",\"advice\":\"All publishes");
          assertThat(Run.hermes(BROKER, "doctor", "--json").lines()).hasSameSizeAs(run.lines());
        });
  }

  @Test
  void missingTopicsAndRightsAreNamedWithWhatGivesThem(@TempDir Path temp) throws Exception {
    KAFKA.createTopic("opaque", 1);
    deny("opaque", AclOperation.WRITE);
    deny("hidden", AclOperation.DESCRIBE);
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, "opaque"),
        () ->
            assertThat(Run.hermes(BROKER, "doctor").lines())
                .containsSequence(
                    "warning  permissions    no permission to write opaque",
                    "                        If a program here needs it, grant it: kafka-acls.sh"
                        + " --add --operation WRITE --topic opaque"));
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, "hidden"),
        () ->
            assertThat(Run.hermes(BROKER, "doctor").out())
                .contains("warning  permissions    no permission to describe hidden")
                .doesNotContainPattern("missing: .*hidden"));
    NewEvent.onClassPath(
        NewEvent.inFolder(temp, "not-created"),
        () -> {
          Run run = Run.hermes(BROKER, "doctor");
          assertThat(run.out())
              .containsPattern("failure  topics         missing: .*not-created")
              .contains("Create them with ./hermes topics apply");
          assertThat(run.err()).contains("1 failure, ");
          assertThat(run.exitCode()).isEqualTo(1);
        });
  }

  private static void deny(String topic, AclOperation denied) throws Exception {
    ResourcePattern what = new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL);
    List<AclBinding> rules =
        List.of(
            rule(what, AclOperation.ALL, AclPermissionType.ALLOW),
            rule(what, denied, AclPermissionType.DENY));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", BROKER))) {
      admin.createAcls(rules).all().get(20, TimeUnit.SECONDS);
      while (!admin
          .describeAcls(AclBindingFilter.ANY)
          .values()
          .get(20, TimeUnit.SECONDS)
          .containsAll(rules)) {
        Thread.onSpinWait(); // the controller has them; the broker follows
      }
    }
  }

  private static AclBinding rule(
      ResourcePattern what, AclOperation operation, AclPermissionType type) {
    return new AclBinding(what, new AccessControlEntry("User:*", "*", operation, type));
  }

  @Test
  void nothingThereAndUnknownHosts() {
    Run nothing = Run.hermes("127.0.0.1:1", "doctor");
    assertThat(nothing.out())
        .contains("failure  tcp            127.0.0.1:1: connection refused", "./hermes broker")
        .contains("skipped  broker");
    Run unknown = Run.hermes("no-such-host.invalid:9092", "doctor");
    assertThat(unknown.out())
        .contains("failure  dns            no-such-host.invalid cannot be resolved: ")
        .contains("Correct KAFKA_BROKER")
        .doesNotContain("tcp");
    assertThat(List.of(nothing.exitCode(), unknown.exitCode())).containsOnly(1);

    Run one = Run.hermes("no-such-host.invalid:9092,127.0.0.1:1," + BROKER, "doctor");
    assertThat(one.out())
        .contains(
            "warning  dns            no-such-host.invalid", "warning  tcp            127.0.0.1:1")
        .contains("ok       broker");

    Run settings = Run.hermes("localhost", "doctor");
    assertThat(settings.out()).contains("failure  settings       KAFKA_BROKER is 'localhost'");
    assertThat(settings.exitCode()).isEqualTo(1);

    Run port = Run.hermes("localhost", "doctor", "--broker", "localhost:99999");
    assertThat(port.out()).contains("failure  settings       --broker is 'localhost:99999'");
    assertThat(port.exitCode()).isEqualTo(1);
  }

  @Test
  void anAdvertisedAddressThatDoesNotWorkHereIsNamed() {
    try (EmbeddedKafka kafka =
        EmbeddedKafka.builder()
            .property("advertised.listeners", "CLIENT://kafka-1.invalid:9092")
            .start()) {
      Run run = Run.hermes(kafka.bootstrapServers(), "doctor");
      assertThat(run.out())
          .contains("ok       broker         cluster ")
          .contains("failure  advertised     broker 1 advertises kafka-1.invalid:9092: ")
          .contains("not to the bootstrap servers. Set advertised.listeners")
          .contains("skipped  topics");
      assertThat(run.err()).isEqualTo("1 failure, 0 warnings.\n");
      assertThat(run.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void itEndsEarlyWhenItIsAskedTo() {
    Stop stop = new Stop();
    stop.request();
    Run run = Run.hermes(stop, Look.PLAIN, BROKER, "doctor");
    assertThat(run.lines())
        .containsExactly("skipped  time           the time is up: not everything was checked");
    assertThat(run.err())
        .isEqualTo(
            "Ended early. Nothing is wrong with what was checked, but not everything was.\n");
  }

  @Tag("slow")
  @Test
  void whatIsNoKafkaIsTold() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Run run = Run.hermes("127.0.0.1:" + silent.getLocalPort(), "doctor");
      assertThat(run.out())
          .contains("failure  broker         127.0.0.1:" + silent.getLocalPort())
          .contains(
              "does not respond like Kafka: no response within", "hangs or is still starting");
    }
  }

  @Test
  @Tag("full") // waits as long as clients may
  void whatTakesConnectionsAndSpeaksNoTlsIsTold() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Map<String, String> secure =
          Map.of(
              "KAFKA_BROKER",
              "127.0.0.1:" + silent.getLocalPort(),
              "KAFKA_SECURITY_PROTOCOL",
              "SSL");
      Run tls = Run.hermes(new Stop(), Look.PLAIN, secure, "doctor");
      assertThat(tls.out()).contains("failure  broker", "accepts connections but does not respond");
    }
  }
}
