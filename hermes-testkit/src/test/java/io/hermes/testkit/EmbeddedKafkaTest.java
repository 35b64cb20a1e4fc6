package io.hermes.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTest {

  @Test
  void producesAndReadsBackAfterStart() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      kafka.createTopic("greetings", 1);
      Records.produce(kafka, "greetings", List.of("hello", "world"));
      assertThat(Records.readAll(kafka, "greetings")).containsExactly("hello", "world");
    }
  }

  @Test
  void keepsTheDataOfADataDirAcrossRestarts(@TempDir Path temp) throws Exception {
    Path data = temp.resolve("data");
    try (EmbeddedKafka kafka = EmbeddedKafka.builder().dataDir(data).start()) {
      kafka.createTopic("kept", 1);
      Records.produce(kafka, "kept", List.of("before"));
    }
    try (EmbeddedKafka kafka = EmbeddedKafka.builder().dataDir(data).start()) {
      Records.produce(kafka, "kept", List.of("after"));
      assertThat(Records.readAll(kafka, "kept")).containsExactly("before", "after");
    }
    assertThat(data).isNotEmptyDirectory();
  }

  @Test
  @Timeout(60)
  void saysThatItIsNotAliveOnceItCannotWriteItsData(@TempDir Path temp) throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.builder().dataDir(temp.resolve("data")).start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      assertThat(kafka.isAlive()).isTrue();
      Files.move(temp.resolve("data"), temp.resolve("elsewhere"));
      var unused = admin.createTopics(List.of(new NewTopic("nowhere", 1, (short) 1)));
      while (kafka.isAlive()) {
        Thread.sleep(10);
      }
    }
  }

  @Test
  void removesItsTemporaryDirectoriesOnClose() throws Exception {
    Set<Path> before = temporaryDirectories();
    EmbeddedKafka kafka = EmbeddedKafka.start();
    assertThat(temporaryDirectories()).isNotEqualTo(before);
    kafka.createTopic("gone", 2);
    kafka.close();
    kafka.close();
    assertThat(temporaryDirectories()).isEqualTo(before);
  }

  @Test
  void namesThePortThatIsInUse() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = other.getLocalPort();
      assertThatThrownBy(() -> EmbeddedKafka.builder().port(port).start())
          .isInstanceOfSatisfying(
              PortInUseException.class, e -> assertThat(e.port()).isEqualTo(port))
          .hasMessageContaining("Port " + port)
          .hasMessageContaining("choose another port");
    }
  }

  @Test
  void listensOnThePortThatIsAskedForAndLeavesItToTheCallerOnClose() {
    int port = EmbeddedKafka.freePort();
    for (int i = 0; i < 2; i++) {
      try (EmbeddedKafka kafka = EmbeddedKafka.builder().port(port).start()) {
        assertThat(kafka.bootstrapServers()).isEqualTo("127.0.0.1:" + port);
      }
      assertThat(Ports.isFree(port)).isTrue();
      assertThat(Ports.isAllocated(port)).isTrue(); // so nobody else gets it meanwhile
    }
  }

  @Test
  void givesItsOwnPortBackOnClose() {
    EmbeddedKafka kafka = EmbeddedKafka.start();
    int port = Integer.parseInt(kafka.bootstrapServers().split(":", -1)[1]);
    assertThat(Ports.isAllocated(port)).isTrue();
    kafka.close();
    assertThat(Ports.isAllocated(port)).isFalse();
  }

  @Test
  void refusesADataDirWithOtherFiles(@TempDir Path temp) throws Exception {
    Files.writeString(temp.resolve("thesis.txt"), "precious");
    assertThatThrownBy(() -> EmbeddedKafka.builder().dataDir(temp).start())
        .isInstanceOf(KafkaStartException.class)
        .hasMessageContaining(temp.toString())
        .hasMessageContaining("Choose an empty directory");
    assertThat(temp.resolve("thesis.txt")).hasContent("precious");
  }

  @Test
  void refusesADataDirThatAnotherBrokerUses(@TempDir Path temp) {
    Path data = temp.resolve("data");
    try (EmbeddedKafka kafka = EmbeddedKafka.builder().dataDir(data).start()) {
      assertThatThrownBy(() -> EmbeddedKafka.builder().dataDir(data).start())
          .isInstanceOf(KafkaStartException.class)
          .hasMessageContaining("Another broker uses")
          .hasMessageContaining("choose another directory");
      kafka.createTopic("unharmed", 1);
    }
    EmbeddedKafka.builder().dataDir(data).start().close();
  }

  @Test
  void aPropertyOfTheTestWinsOverTheTestkitsOwn() throws Exception {
    try (EmbeddedKafka kafka =
            EmbeddedKafka.builder().property("group.initial.rebalance.delay.ms", "7").start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "1");
      assertThat(configuration(admin, broker))
          .containsEntry("group.initial.rebalance.delay.ms", "7");
    }
  }

  @Test
  void createsTopicsWithTheirConfigurationAndRefusesThemTwice() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      kafka.createTopic("configured", 3, Map.of("cleanup.policy", "compact"));
      ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "configured");
      assertThat(configuration(admin, topic)).containsEntry("cleanup.policy", "compact");
      assertThatThrownBy(() -> kafka.createTopic("configured", 1))
          .isInstanceOf(TopicExistsException.class);
    }
  }

  private static Map<String, String> configuration(Admin admin, ConfigResource of)
      throws Exception {
    Map<String, String> values = new HashMap<>();
    for (Config config : admin.describeConfigs(List.of(of)).all().get(30, SECONDS).values()) {
      config.entries().stream()
          .filter(entry -> entry.value() != null)
          .forEach(entry -> values.put(entry.name(), entry.value()));
    }
    return values;
  }

  private static Set<Path> temporaryDirectories() throws IOException {
    try (var found =
        Files.newDirectoryStream(
            Path.of(System.getProperty("java.io.tmpdir")), Directories.PREFIX + "*")) {
      Set<Path> paths = new TreeSet<>();
      found.forEach(paths::add);
      return paths;
    }
  }
}
