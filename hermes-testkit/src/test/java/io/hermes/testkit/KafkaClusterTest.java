package io.hermes.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@TestInstance(Lifecycle.PER_CLASS)
class KafkaClusterTest {

  private final KafkaCluster kafka = KafkaCluster.start();

  @AfterAll
  void close() {
    kafka.close();
  }

  @Tag("slow")
  @Test
  void keepsAcknowledgedRecordsWhenItsBrokerIsKilledAndStartedAgain() throws Exception {
    String topic = kafka.uniqueTopic("kept", 1);
    List<String> values = IntStream.range(0, 1_000).mapToObj(i -> "value-" + i).toList();
    Records.produce(kafka, topic, values);
    kafka.broker(1).kill();
    assertThat(kafka.broker(1).isAlive()).isFalse();
    assertThatThrownBy(kafka.broker(1)::kill).hasMessageStartingWith("Broker 1 is not running");

    kafka.broker(1).start();

    assertThat(Records.readAll(kafka, topic)).isEqualTo(values);
    Records.produce(kafka, topic, List.of("later"));
    assertThat(Records.readAll(kafka, topic)).hasSize(1_001).endsWith("later");
  }

  @Tag("slow")
  @Test
  void theLogOfABrokerThatDoesNotGetReadyStaysAndHasItsThreads() throws Exception {
    Path log;
    try (KafkaCluster cluster = KafkaCluster.start()) {
      Broker broker = cluster.broker(1);
      log = broker.log();
      broker.kill();
      long before = Files.size(log);
      broker.launch();
      while (Files.size(log) == before) {
        Thread.onSpinWait(); // until it logs, and so takes signals
      }
      assertThatThrownBy(() -> broker.awaitReady(Duration.ZERO))
          .isInstanceOf(KafkaStartException.class)
          .hasMessage("Broker 1 was not ready within 0 s; its log: " + log);
    }
    assertThat(log).content().contains("Full thread dump");
    Directories.delete(log.resolveSibling(""));
  }

  @Tag("slow")
  @Test
  void aStoppedBrokerShutsDownInOrderAndComesBackOnItsPort() throws Exception {
    String topic = kafka.uniqueTopic("stopped", 1);
    Records.produce(kafka, topic, List.of("value"));
    int port = kafka.broker(1).port();
    kafka.broker(1).stop();
    assertThat(Ports.isFree(port)).isTrue();
    assertThat(kafka.broker(1).log().resolveSibling("broker-1/data/.kafka_cleanshutdown")).exists();
    kafka.broker(1).start();
    assertThat(Ports.isFree(port)).isFalse();
    assertThat(Records.readAll(kafka, topic)).containsExactly("value");
  }

  @Test
  void aPausedBrokerAnswersOnlyAfterResume() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin.describeCluster().nodes().get(30, SECONDS);
      kafka.broker(1).pause();
      var answer = admin.describeCluster().nodes();
      assertThatThrownBy(() -> answer.get(1, SECONDS)).isInstanceOf(TimeoutException.class);
      assertThat(kafka.broker(1).isAlive()).isTrue();
      kafka.broker(1).resume();
      assertThat(answer.get(30, SECONDS)).hasSize(1);
    }
  }

  @Test
  void refusesWhatTheStateOfABrokerDoesNotAllow() {
    Broker broker = kafka.broker(1);
    assertThatThrownBy(broker::start).hasMessage("Broker 1 is already running.");
    assertThatThrownBy(broker::resume).hasMessage("Broker 1 is not paused.");
    broker.pause();
    assertThatThrownBy(broker::pause).hasMessage("Broker 1 is already paused.");
    assertThatThrownBy(broker::stop).hasMessage("Broker 1 is paused. Resume or kill it.");
    broker.resume();
    assertThatThrownBy(() -> kafka.broker(2)).isInstanceOf(IllegalArgumentException.class);
  }
}
