package io.hermes.deployment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JMX exporter that kustomize/components/metrics puts into the brokers' JVM. */
@Tag("full")
class ExporterTest {

  private static final Path JAR =
      Repository.file("hermes-deployment-tests/target/jmx-exporter/jmx_prometheus_javaagent.jar");

  @TempDir Path directory;

  @Test
  void aBrokerStartsWithoutItAndReportsItsFiguresOnceItIsThere() throws Exception {
    V1PodSpec pod =
        Kustomize.one("production", V1StatefulSet.class, "kafka-broker")
            .getSpec()
            .getTemplate()
            .getSpec();
    try (Cluster cluster = new Cluster(directory, ManifestsTest.SINGLE, false, null)) {
      DeployedBroker broker = cluster.broker(0).set("SERVER_OPTS", options(pod));
      for (var file :
          Manifests.one(
                  "kustomize/components/metrics/kafka-metrics.yaml",
                  V1ConfigMap.class,
                  "kafka-metrics")
              .getData()
              .entrySet()) {
        Repository.write(broker.metrics().resolve(file.getKey()), file.getValue());
      }

      String failed = initialize(pod, broker, "not the jar".getBytes(UTF_8));
      assertThat(failed).contains("No metrics: http://", "/exporter.jar did not give the file");
      broker.launch().await(cluster.readinessPort());
      assertThat(broker.isOpen(9404)).isFalse();
      broker.stop(Duration.ofMinutes(2));

      assertThat(initialize(pod, broker, Files.readAllBytes(JAR))).isEmpty();
      // The next start needs no download.
      assertThat(initialize(pod, broker, new byte[0])).isEmpty();
      broker.launch().await(cluster.readinessPort());
      assertThat(scrape("http://" + broker.address() + ":9404/metrics"))
          .contains("kafka_controller_kafkacontroller_activecontrollercount 1.0")
          .contains("kafka_server_raftmetrics_current_state{state=\"leader\"} 1.0");
      try (var files = Files.list(broker.volume())) {
        assertThat(files.map(f -> f.getFileName().toString()))
            .containsExactlyInAnyOrder("kraft", "jmx-exporter");
      }
    }
  }

  private static String options(V1PodSpec pod) {
    return pod.getContainers().get(0).getEnv().stream()
        .filter(e -> e.getName().equals("SERVER_OPTS"))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  /** Runs the init container's script where a server has this file for it; what it printed. */
  private String initialize(V1PodSpec pod, DeployedBroker broker, byte[] file) throws IOException {
    V1Container container = pod.getInitContainers().get(0);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/exporter.jar",
        exchange -> {
          exchange.sendResponseHeaders(200, file.length == 0 ? -1 : file.length);
          exchange.getResponseBody().write(file);
          exchange.close();
        });
    server.start();
    try {
      Map<String, String> environment = new TreeMap<>();
      container.getEnv().forEach(e -> environment.put(e.getName(), e.getValue()));
      environment.put(
          "JMX_EXPORTER_URL",
          "http://127.0.0.1:" + server.getAddress().getPort() + "/exporter.jar");
      List<String> command = new ArrayList<>(container.getCommand());
      command.addAll(broker.localized(container.getArgs()));
      return Processes.run(command, environment, directory).expectSuccess().output();
    } finally {
      server.stop(0);
    }
  }

  private static String scrape(String address) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address)).timeout(Duration.ofSeconds(30)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }
}
