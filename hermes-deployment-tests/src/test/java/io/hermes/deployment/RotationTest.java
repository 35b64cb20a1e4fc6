package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.deployment.Processes.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** rotate-ca.sh, step by step, with three brokers that restart in turn and a client. */
@Tag("full")
class RotationTest {

  private static final String TOPIC = "user.events";
  private static final Duration GRACE = Duration.ofMinutes(2);

  @TempDir Path directory;

  private StubbedScripts scripts;
  private String outside;

  @Test
  void aClientPublishesOnWhileTheAuthorityIsReplaced() throws Exception {
    outside = new Loopback().address(9);
    scripts = new StubbedScripts(directory).digitalOcean(outside).advertise();
    scripts.run("deploy.sh", "--ha").expectSuccess();
    try (Cluster cluster =
            new Cluster(directory.resolve("cluster"), ManifestsTest.THREE, true, outside);
        Proxy proxy = new Proxy(directory, cluster, outside)) {
      for (DeployedBroker broker : cluster.brokers()) {
        takeSecrets(broker);
        broker.launch();
      }
      cluster.awaitReady();
      cluster.addUser("hermes", secret("password"));
      Traffic client = client("before");
      client.createTopic(TOPIC);

      int published = rotate(cluster, client, 0, "start");
      Traffic both = client("both");
      published = rotate(cluster, both, published, "switch", "--yes");
      assertThatThrownBy(() -> client.createTopic("refused"))
          .hasStackTraceContaining("SslAuthenticationException");
      published = rotate(cluster, both, published, "finish");

      Traffic after = client("after");
      assertThat(directory.resolve("after.crt")).isNotEmptyFile();
      after.publish(TOPIC, published, published + 1);
      after.expect(TOPIC, published + 1);
      assertThat(proxy.isAlive()).isTrue();
    }
  }

  /** Runs a step, restarts the brokers as the StatefulSet would, and publishes all the time. */
  private int rotate(Cluster cluster, Traffic client, int published, String... step)
      throws Exception {
    CompletableFuture<Void> end = new CompletableFuture<>();
    CompletableFuture<Integer> publishing =
        CompletableFuture.supplyAsync(() -> publish(client, published, end));
    try {
      Result result = scripts.run("rotate-ca.sh", step).expectSuccess();
      assertThat(result.output()).doesNotContain("stopping the brokers");
      for (int id : List.of(2, 1, 0)) {
        cluster.broker(id).stop(GRACE);
        takeSecrets(cluster.broker(id));
        cluster.broker(id).launch().await(cluster.readinessPort());
        awaitInSync(client);
      }
    } finally {
      end.complete(null);
    }
    int to = publishing.get(2, TimeUnit.MINUTES);
    assertThat(to).isGreaterThan(published + 10);
    return to;
  }

  /** Event after event, each acknowledged before the next; the number of the next. */
  private static int publish(Traffic client, int from, CompletableFuture<Void> end) {
    int next = from;
    try (KafkaProducer<String, String> producer = client.producer()) {
      while (!end.isDone()) {
        producer
            .send(new ProducerRecord<>(TOPIC, "key-" + next, "value-" + next))
            .get(2, TimeUnit.MINUTES);
        next++;
        Processes.pause(); // or it would take a whole core
      }
    } catch (Exception e) {
      throw new AssertionError("Event " + next + " was not acknowledged", e);
    }
    return next;
  }

  private static void awaitInSync(Traffic client) throws Exception {
    try (Admin admin = client.admin()) {
      while (admin
          .describeTopics(List.of(TOPIC))
          .allTopicNames()
          .get()
          .get(TOPIC)
          .partitions()
          .stream()
          .anyMatch(p -> p.isr().size() < 3)) {
        Processes.pause();
      }
    }
  }

  /** What a kubelet mounts when the pod starts. */
  private void takeSecrets(DeployedBroker broker) throws IOException {
    for (String file : List.of("keystore.pem", "ca.crt")) {
      Files.copy(
          scripts.state("secrets/kafka-tls/" + file),
          broker.secrets().resolve(file),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private String secret(String key) {
    return Repository.read(scripts.state("secrets/kafka-client/" + key));
  }

  /** A client that was given what Secret kafka-client holds now. */
  private Traffic client(String name) {
    Path ca = Repository.write(directory.resolve(name + ".crt"), secret("ca.crt"));
    return new Traffic(
        outside + ":9092," + outside + ":9093",
        Traffic.scram(ca, secret("username"), secret("password")));
  }
}
