package io.hermes.cli.records;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.cli.Documents;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.StreamSupport;

/** Debian's Prometheus with the configuration of monitoring/compose, on the loopback address. */
final class PrometheusServer implements AutoCloseable {

  private final Process process;
  private final URI api;
  private final Path log;
  private final HttpClient client = HttpClient.newHttpClient();

  private PrometheusServer(Process process, URI api, Path log) {
    this.process = process;
    this.api = api;
    this.log = log;
  }

  /**
   * Scrapes these ports each second.
   *
   * @param hold after how long an alert fires that waits for a minute
   */
  static PrometheusServer start(Path directory, List<Integer> ports, Duration hold)
      throws Exception {
    Path monitoring = Documents.ROOT.resolve("monitoring");
    String configuration =
        Files.readString(monitoring.resolve("compose/prometheus.yaml")).replace(": 5s", ": 1s");
    List<Integer> left = new ArrayList<>(ports);
    for (String port : List.of("9404", "9405")) {
      assertThat(configuration).contains("host.docker.internal:" + port);
      configuration =
          configuration.replace("host.docker.internal:" + port, "127.0.0.1:" + left.remove(0));
    }
    Files.writeString(directory.resolve("prometheus.yml"), configuration);
    Files.writeString(
        directory.resolve("service-alerts.yaml"),
        Files.readString(monitoring.resolve("service-alerts.yaml"))
            .replace("for: 1m\n", "for: " + hold.toSeconds() + "s\n"));
    int port = freePort();
    Path log = directory.resolve("prometheus.log");
    Process process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + directory.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    return new PrometheusServer(process, URI.create("http://127.0.0.1:" + port + "/api/v1/"), log);
  }

  static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  /** What a query returns; fails if it is not one. */
  JsonArray query(String expression) throws Exception {
    return get("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
        .getAsJsonArray("result");
  }

  /** The names of the alerts that fire. */
  List<String> firing() throws Exception {
    return StreamSupport.stream(get("alerts").getAsJsonArray("alerts").spliterator(), false)
        .map(alert -> alert.getAsJsonObject())
        .filter(alert -> alert.get("state").getAsString().equals("firing"))
        .map(alert -> alert.getAsJsonObject("labels").get("alertname").getAsString())
        .sorted()
        .toList();
  }

  /** All rules, each with its query and its health. */
  List<JsonObject> rules() throws Exception {
    List<JsonObject> rules = new ArrayList<>();
    get("rules")
        .getAsJsonArray("groups")
        .forEach(
            group ->
                group
                    .getAsJsonObject()
                    .getAsJsonArray("rules")
                    .forEach(rule -> rules.add(rule.getAsJsonObject())));
    return rules;
  }

  private JsonObject get(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(api.resolve(path)).timeout(Duration.ofSeconds(30)).build();
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    if (response.statusCode() == 503) {
      throw new IOException("It is still starting: " + response.body());
    }
    JsonObject answer = JsonParser.parseString(response.body()).getAsJsonObject();
    assertThat(answer.get("status").getAsString()).as(path + ": " + answer).isEqualTo("success");
    return answer.getAsJsonObject("data");
  }

  /** Waits; what cannot connect yet has not come about. */
  void await(String what, Duration timeout, Callable<Boolean> condition) throws Exception {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    while (true) {
      try {
        if (condition.call()) {
          return;
        }
      } catch (IOException starting) {
        assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
      }
      assertThat(System.nanoTime()).as(what).isLessThan(deadlineNs);
      LockSupport.parkNanos(200_000_000);
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
    process.destroyForcibly();
  }
}
