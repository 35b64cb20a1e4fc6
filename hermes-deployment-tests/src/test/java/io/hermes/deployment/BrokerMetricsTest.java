package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testkit.EmbeddedKafka;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import java.lang.instrument.Instrumentation;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** The alerts and the dashboard in monitoring/, and the figures of a real broker that they read. */
@Tag("full")
class BrokerMetricsTest {

  private static final Pattern METRIC =
      Pattern.compile("kafka_(?:controller|log|network|server)_[a-z0-9_]+");

  @TempDir Path directory;

  /** The metrics that a file of monitoring/ reads of brokers. */
  private static Set<String> metricsIn(String file) {
    Set<String> names = new TreeSet<>();
    METRIC.matcher(Repository.read(file)).results().forEach(found -> names.add(found.group()));
    return names;
  }

  @Test
  void prometheusTakesTheRulesAndTheirTestsPass() {
    Map<?, ?> alerts = StrimziFiles.load(Repository.file("monitoring/kafka-alerts.yaml")).get(0);
    DumperOptions block = new DumperOptions();
    block.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    Repository.write(
        directory.resolve("kafka-alerts.rules.yaml"), new Yaml(block).dump(alerts.get("spec")));
    Repository.write(
        directory.resolve("test.yaml"), Repository.read("monitoring/kafka-alerts.test.yaml"));
    for (List<String> command :
        List.of(
            List.of("promtool", "check", "rules", "kafka-alerts.rules.yaml"),
            List.of("promtool", "test", "rules", "test.yaml"))) {
      Processes.run(command, Map.of(), directory).expectSuccess();
    }
  }

  @Test
  void aBrokerReportsEveryFigureThatAnAlertOrTheDashboardReads() throws Exception {
    Map<String, String> configuration =
        Manifests.one(
                "kustomize/components/metrics/kafka-metrics.yaml",
                V1ConfigMap.class,
                "kafka-metrics")
            .getData();
    Path rules =
        Repository.write(
            directory.resolve("jmx-exporter.yaml"), configuration.get("jmx-exporter.yaml"));
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      kafka.createTopic("measured", 1, Map.of());
      send(kafka.bootstrapServers());
      String scrape = scrape(rules);
      Set<String> read = metricsIn("monitoring/kafka-alerts.yaml");
      read.addAll(metricsIn("monitoring/kafka-dashboard.json"));
      assertThat(read).hasSizeGreaterThan(12);
      assertThat(METRIC.matcher(scrape).results().map(found -> found.group()).toList())
          .containsAll(read);
      assertThat(scrape)
          .contains("kafka_controller_kafkacontroller_activecontrollercount 1.0")
          .contains("kafka_server_raftmetrics_number_of_voters 1.0")
          .contains("kafka_server_raftmetrics_current_state{state=\"leader\"} 1.0")
          .contains("kafka_server_brokertopicmetrics_messagesin_total{topic=\"measured\"} 1.0");
    }
  }

  private static void send(String bootstrapServers) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>("measured", new byte[10])).get();
    }
  }

  /** What Prometheus would get, from the exporter that is an agent of the brokers' JVM. */
  private static String scrape(Path rules) throws Exception {
    Path jars = Repository.file("hermes-deployment-tests/target/jmx-exporter");
    Path jar = jars.resolve("jmx_prometheus_javaagent.jar");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (URLClassLoader agent =
        new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      agent
          .loadClass("io.prometheus.jmx.JavaAgent")
          .getMethod("agentmain", String.class, Instrumentation.class)
          .invoke(null, "127.0.0.1:" + port + ":" + rules, null);
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
              .timeout(Duration.ofSeconds(30))
              .build();
      return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }
  }
}
