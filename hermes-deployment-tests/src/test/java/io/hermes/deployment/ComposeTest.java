package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The compose files: what they say, and the brokers that they describe. */
class ComposeTest {

  private static final Duration STOP = Duration.ofSeconds(90);

  private final Compose plain = Compose.load("docker-compose.yaml");
  private final Compose secure = Compose.load("docker-compose.yaml", "docker-compose.secure.yaml");
  private final Loopback loopback = new Loopback();

  @TempDir Path directory;

  @Test
  void publishesPortsOnThisMachineOnlyAndPinsVersionsInOnePlace() {
    assertThat(plain.strings("broker", "ports")).containsExactly("127.0.0.1:9092:9092");
    assertThat(plain.strings("kafka-ui", "ports")).containsExactly("127.0.0.1:8080:8080");
    assertThat(secure.services().keySet()).containsExactly("broker", "kafka-ui", "users");
    assertThat(secure.strings("users", "ports")).isEmpty();
    for (String file :
        List.of(
            "docker-compose.yaml",
            "docker-compose.secure.yaml",
            "docker-compose.monitoring.yaml")) {
      assertThat(Repository.read(file).lines().filter(l -> l.strip().startsWith("image:")))
          .isNotEmpty()
          .allMatch(l -> l.strip().matches("image: \\$\\{[A-Z_]+_IMAGE}"));
    }
    assertThat(Compose.dotEnv())
        .containsOnly(
            Map.entry("KAFKA_IMAGE", "apache/kafka:4.3.1"),
            Map.entry("KAFKA_UI_IMAGE", "ghcr.io/kafbat/kafka-ui:v1.5.0"),
            Map.entry("PROMETHEUS_IMAGE", "prom/prometheus:v3.5.0"),
            Map.entry("GRAFANA_IMAGE", "grafana/grafana:12.1.0"));
    assertThat(Repository.read("pom.xml")).contains("<kafka.version>4.3.1</kafka.version>");
  }

  @Test
  void kafkaUiWaitsForAHealthyBrokerAndData() {
    assertThat(plain.service("kafka-ui").get("depends_on"))
        .isEqualTo(Map.of("broker", Map.of("condition", "service_healthy")));
    assertThat(plain.service("broker")).containsKey("healthcheck");
    assertThat(plain.service("kafka-ui")).containsKey("healthcheck");
    assertThat(plain.mounts("broker"))
        .containsEntry("/var/lib/kafka/data", "kafka-data:/var/lib/kafka/data");
    assertThat(plain.environment("broker").get("KAFKA_LOG_DIRS"))
        .startsWith("/var/lib/kafka/data/");
  }

  @Test
  void noAnonymousVolumeIsLeftBehind() {
    for (Compose compose : List.of(plain, secure)) {
      for (String service : compose.services().keySet()) {
        if (compose.service(service).get("image").equals(Compose.dotEnv().get("KAFKA_IMAGE"))) {
          // All that the image declares as volumes: what has no mount gets an anonymous one.
          assertThat(compose.mounts(service).keySet())
              .as(service)
              .contains("/var/lib/kafka/data", "/etc/kafka/secrets", "/mnt/shared/config");
        }
      }
    }
    assertThat(secure.mounts("broker").get("/etc/kafka/secrets")).startsWith("./.secrets/broker:");
    assertThat(secure.mounts("broker").get("/mnt/shared/config")).contains("type=tmpfs");
  }

  @Test
  void kafkaUiDecodesTheTopicsThatHoldOneTypeOfPlainEvents() {
    Map<String, String> environment = plain.environment("kafka-ui");
    String serde = "KAFKA_CLUSTERS_0_SERDE_0_";
    assertThat(environment)
        .containsEntry(serde + "NAME", "ProtobufFile")
        .containsEntry(serde + "PROPERTIES_PROTOBUFMESSAGENAME", "hermes.events.v1.UserEvent")
        .containsEntry(
            serde + "PROPERTIES_PROTOBUFMESSAGENAMEBYTOPIC_PAYMENTS_EVENTS",
            "hermes.events.v1.PaymentEvent");
    Predicate<String> decoded =
        Pattern.compile(environment.get(serde + "TOPICVALUESPATTERN")).asMatchPredicate();
    assertThat(List.of("user.events", "user.events-dlt", "payments.events")).allMatch(decoded);
    assertThat(List.of("payments.events-dlt", "orders.events", "users.events")).noneMatch(decoded);
  }

  @Test
  void thePluginReplacesTheSerdeOfKafkaUiForKeysAndValues() {
    Map<String, String> environment =
        Compose.load("docker-compose.yaml", "docker-compose.kafka-ui-plugin.yaml")
            .environment("kafka-ui");
    assertThat(environment)
        .containsEntry("KAFKA_CLUSTERS_0_SERDE_0_NAME", "Hermes")
        .containsEntry("KAFKA_CLUSTERS_0_SERDE_0_TOPICKEYSPATTERN", ".*")
        .containsEntry("KAFKA_CLUSTERS_0_SERDE_0_TOPICVALUESPATTERN", ".*");
  }

  @Tag("full")
  @Test
  void theBrokerOfTheComposeFileServesClientsAndKeepsItsData() throws Exception {
    String address = loopback.address(1);
    Path hosts = Loopback.hosts(directory.resolve("hosts"), Map.of("broker", address));
    Map<String, String> environment = plain.environment("broker");
    // On the host, localhost is the published port; here it is the broker's own address.
    environment.computeIfPresent(
        "KAFKA_ADVERTISED_LISTENERS", (k, v) -> v.replace("//localhost:", "//" + address + ":"));
    Traffic outside = new Traffic(address + ":9092", Map.of());
    try (DeployedBroker broker =
        new DeployedBroker(directory, address, environment, List.of(), hosts)) {
      broker.launch().await(9092);
      outside.createTopic("user.events");
      outside.publish("user.events", 0, 100);
      assertThat(Traffic.checkAddress(directory, address, "9092").expectSuccess().output())
          .isEqualTo(address + ":9092\n");
      broker.stop(STOP);
      Processes.Result nobody = Traffic.checkAddress(directory, address, "9092");
      assertThat(nobody.exitCode()).isEqualTo(1);
      assertThat(nobody.output()).contains(address + ":9092: cannot connect");
      broker.launch().await(9092);
      outside.publish("user.events", 100, 200);
      outside.expect("user.events", 200);
      assertThat(broker.volume().resolve("kraft/meta.properties")).exists();
    }
  }

  @Test
  @Tag("full")
  void theSecureBrokerServesOnlyWhoKnowsThePassword() throws Exception {
    String address = loopback.address(1);
    Path hosts = Loopback.hosts(directory.resolve("hosts"), Map.of("broker", address));
    Path checkout = Secrets.make(directory.resolve("checkout"), address);
    Path secrets = checkout.resolve(".secrets");
    Map<String, String> environment = new TreeMap<>(secure.environment("broker"));
    environment.computeIfPresent(
        "KAFKA_ADVERTISED_LISTENERS", (k, v) -> v.replace("//localhost:", "//" + address + ":"));
    Path ca = secrets.resolve("ca/ca.crt");
    String password = Files.readString(secrets.resolve("password"));
    try (DeployedBroker broker =
        new DeployedBroker(directory.resolve("broker"), address, environment, List.of(), hosts)) {
      Secrets.mount(secrets.resolve("broker"), broker);
      broker.launch().await(9092);
      List<String> command = secure.strings("users", "command");
      assertThat(command.get(0)).isEqualTo("/opt/kafka/bin/kafka-configs.sh");
      broker.tool("kafka.admin.ConfigCommand", command.subList(1, command.size())).expectSuccess();

      Traffic outside = new Traffic(address + ":9092", Traffic.scram(ca, "hermes", password));
      outside.createTopic("user.events");
      outside.publish("user.events", 0, 100);
      outside.expect("user.events", 100);

      Traffic wrong = new Traffic(address + ":9092", Traffic.scram(ca, "hermes", "wrong"));
      assertThatThrownBy(() -> wrong.createTopic("refused"))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(SaslAuthenticationException.class);
      Traffic anonymous = new Traffic(address + ":9092", Map.of());
      try (var admin = anonymous.admin()) {
        assertThatThrownBy(() -> admin.listTopics().names().get(3, TimeUnit.SECONDS))
            .isInstanceOfAny(java.util.concurrent.TimeoutException.class, ExecutionException.class);
      }
      // Nothing else is open to who has the password but no certificate.
      for (int port : List.of(29093, 29094)) {
        Traffic noCertificate = new Traffic(address + ":" + port, Traffic.tls(ca));
        assertThatThrownBy(() -> noCertificate.createTopic("refused"))
            .hasMessageContaining("SslAuthenticationException");
      }
    }
  }
}
