package io.hermes.cli.records;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.cli.Documents;
import io.hermes.cli.HermesCli;
import io.hermes.cli.Run;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.testkit.KafkaCluster;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Dashboard and alerts of services, in a Prometheus that scrapes the demo, or a producer and a
 * consumer.
 */
@Tag("full")
@Timeout(300)
class MonitoringTest {

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Stop stop = new Stop();
  private final List<Integer> ports =
      List.of(PrometheusServer.freePort(), PrometheusServer.freePort());

  private final Path directory;

  MonitoringTest(@TempDir Path directory) throws Exception {
    this.directory = directory;
  }

  private List<CompletableFuture<Integer>> demo(KafkaCluster kafka) {
    return List.of(
        start(kafka.bootstrapServers(), "produce --forever --rate 50 --metrics " + ports.get(0)),
        start(
            kafka.bootstrapServers(),
            "consume --group example --format json --metrics " + ports.get(1)));
  }

  private CompletableFuture<Integer> start(String broker, String command) {
    Console console = new Console(new ByteArrayOutputStream(), err, Look.PLAIN);
    Map<String, String> environment = Map.of("KAFKA_BROKER", broker);
    return CompletableFuture.supplyAsync(
        () -> HermesCli.run(console, stop, environment, command.split(" ", -1)));
  }

  @Test
  void everyQueryOfTheDashboardReturnsDataAndEveryAlertIsEvaluated() throws Exception {
    String broker = "localhost:1"; // the demo has its own
    CompletableFuture<Integer> demo = start(broker, "demo --metrics " + ports.get(0));
    try (PrometheusServer prometheus =
        PrometheusServer.start(directory, ports, Duration.ofSeconds(60))) {
      List<String> queries = queries();
      assertThat(queries).hasSizeGreaterThan(30);
      prometheus.await(
          "all queries return data: " + err.toString(StandardCharsets.UTF_8),
          Duration.ofSeconds(60),
          () -> {
            for (String query : queries) {
              if (prometheus.query(query).isEmpty()) {
                return false;
              }
            }
            return true;
          });
      // Such as an average of the last seconds, if nothing has happened in them so far.
      for (String query : queries) {
        prometheus.await(
            "the values of " + query + " are numbers",
            Duration.ofSeconds(30),
            () -> !prometheus.query(query).toString().contains("NaN"));
      }
      prometheus.await(
          "all rules were evaluated",
          Duration.ofSeconds(30),
          () -> prometheus.rules().stream().noneMatch(r -> "unknown".equals(text(r, "health"))));
      assertThat(prometheus.rules()).hasSizeGreaterThan(8);
      for (JsonObject rule : prometheus.rules()) {
        assertThat(text(rule, "health")).as(rule.toString()).isEqualTo("ok");
      }
      assertThat(prometheus.firing()).isEmpty();
      // What an alert compares is there; that the comparison itself is right, promtool tests.
      for (String name : metricsIn("service-alerts.yaml")) {
        assertThat(prometheus.query(name)).as(name).isNotEmpty();
      }
    } finally {
      stop.request();
    }
    assertThat(demo.get(60, SECONDS)).isZero();
  }

  @Test
  void theAlertsFireDuringAnOutageAndResolveAfterwards() throws Exception {
    List<String> unhealthy = List.of("HermesPublisherUnhealthy", "HermesSubscriberUnhealthy");
    try (KafkaCluster kafka = KafkaCluster.start()) {
      assertThat(Run.hermes(kafka.bootstrapServers(), "produce").exitCode()).isZero();
      List<CompletableFuture<Integer>> demo = demo(kafka);
      try (PrometheusServer prometheus =
          PrometheusServer.start(directory, ports, Duration.ofSeconds(15))) {
        prometheus.await(
            "healthy",
            Duration.ofSeconds(60),
            () ->
                prometheus.query("hermes_subscriber_healthy == 1").size() == 1
                    && prometheus.query("hermes_publisher_healthy == 1").size() == 1
                    && !prometheus.query("hermes_subscriber_lag_records").isEmpty());
        long killedNs = System.nanoTime();
        kafka.broker(1).kill();
        prometheus.await(
            "both fire", Duration.ofSeconds(90), () -> prometheus.firing().equals(unhealthy));
        prometheus.await(
            "a minute is over",
            Duration.ofSeconds(70),
            () -> {
              assertThat(prometheus.query("hermes_subscriber_lag_records")).isNotEmpty();
              return System.nanoTime() - killedNs > SECONDS.toNanos(60);
            });
        kafka.broker(1).start();
        prometheus.await(
            "both resolve",
            Duration.ofSeconds(90),
            () ->
                prometheus.firing().isEmpty()
                    && prometheus.query("hermes_subscriber_healthy == 1").size() == 1);
      } finally {
        stop.request();
      }
      for (CompletableFuture<Integer> command : demo) {
        assertThat(command.get(60, SECONDS)).isZero();
      }
    }
  }

  private static String text(JsonObject object, String name) {
    return object.get(name).getAsString();
  }

  private static List<String> metricsIn(String file) throws Exception {
    return Pattern.compile("hermes_[a-z_]+")
        .matcher(Files.readString(Documents.ROOT.resolve("monitoring").resolve(file)))
        .results()
        .map(found -> found.group())
        .distinct()
        .toList();
  }

  /** The dashboard's queries, with what Grafana puts in place of its variables. */
  private static List<String> queries() throws Exception {
    JsonObject dashboard =
        JsonParser.parseString(
                Files.readString(Documents.ROOT.resolve("monitoring/service-dashboard.json")))
            .getAsJsonObject();
    List<String> queries = new ArrayList<>();
    for (JsonElement panel : dashboard.getAsJsonArray("panels")) {
      if (panel.getAsJsonObject().has("targets")) {
        for (JsonElement target : panel.getAsJsonObject().getAsJsonArray("targets")) {
          queries.add(
              text(target.getAsJsonObject(), "expr")
                  .replace("$__rate_interval", "10s")
                  .replace("$__range", "30s")
                  .replace("$group", ".*")
                  .replace("$topic", ".*"));
        }
      }
    }
    assertThat(queries).noneMatch(query -> query.contains("$"));
    return queries;
  }
}
