package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.EmbeddedKafka;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGTERM ends a service in order and in time: what runs ends and is committed, the pool closes
 * last.
 */
@Tag("full")
@Timeout(180)
@SuppressWarnings("NullAway.Init") // JUnit sets it
class ShutdownTest {

  private static final int EVENTS = 600;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String TOPIC = "user.events";

  @TempDir Path directory;

  /** A service in a JVM of its own. */
  private final class Child {

    private final Process process;
    private final Path output;

    Child(String name, String broker, String... properties) throws IOException {
      this.output = directory.resolve(name + ".log");
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  ShutdownService.class.getName(),
                  "--server.port=0",
                  "--server.shutdown=graceful",
                  "--spring.main.banner-mode=off",
                  "--logging.level.com.zaxxer.hikari=info",
                  "--logging.level.org.springframework.boot=info",
                  "--logging.level.org.springframework.context.support=info",
                  "--spring.lifecycle.timeout-per-shutdown-phase=" + TIMEOUT.toSeconds() + "s",
                  "--hermes.outbox.create-tables=true",
                  "--hermes.open-timeout=60s",
                  "--spring.kafka.bootstrap-servers=" + broker,
                  "--spring.datasource.url=jdbc:h2:file:" + directory.resolve("database")));
      command.addAll(List.of(properties));
      this.process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
    }

    List<String> lines() throws IOException {
      return Files.readAllLines(output);
    }

    long count(String prefix) throws IOException {
      return lines().stream().filter(line -> line.startsWith(prefix)).count();
    }

    /** The names of the events that it handled, in their order. */
    List<String> handled() throws IOException {
      return lines().stream().filter(line -> line.startsWith("handled ")).toList();
    }

    /** Sends a request, and waits until it is being answered. */
    CompletableFuture<HttpResponse<String>> request() throws IOException {
      Services.await("the port is known", () -> lines().stream().anyMatch(this::saysPort));
      String line = lines().stream().filter(this::saysPort).findFirst().orElseThrow();
      String port = line.replaceFirst(".*Tomcat started on port (\\d+).*", "$1");
      URI uri = URI.create("http://127.0.0.1:" + port + "/request");
      CompletableFuture<HttpResponse<String>> response =
          HttpClient.newHttpClient()
              .sendAsync(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      Services.await("the request has arrived", () -> count("requested") == 1);
      return response;
    }

    private boolean saysPort(String line) {
      return line.contains("Tomcat started on port");
    }

    /** Ends it with SIGTERM, which takes no longer than Spring waits for each of its phases. */
    void terminate() throws Exception {
      var unused = end();
      assertThat(lines()).noneMatch(line -> line.contains("still running after timeout"));
    }

    /** Ends it with SIGTERM; returns how long that took. */
    Duration end() throws InterruptedException {
      long startNs = System.nanoTime();
      process.destroy();
      assertThat(process.waitFor(40, TimeUnit.SECONDS)).as("it ends").isTrue();
      return Duration.ofNanos(System.nanoTime() - startNs);
    }

    int indexOf(String part) throws IOException {
      return indexOf(".*" + Pattern.quote(part) + ".*", part);
    }

    int indexOfRelayClosed() throws IOException {
      return indexOf(".*Outbox relay \\w+: closed", "the end of the relay");
    }

    private int indexOf(String pattern, String what) throws IOException {
      List<String> lines = lines();
      return IntStream.range(0, lines.size())
          .filter(index -> lines.get(index).matches(pattern))
          .findFirst()
          .orElseThrow(() -> new AssertionError(what + " is not in " + lines));
    }
  }

  private static void publish(String broker) {
    try (var publisher =
        HermesPublisher.builder(UserEvent.class).settings(KafkaSettings.of(broker)).open()) {
      var result =
          publisher
              .publishAll(
                  IntStream.range(0, EVENTS).mapToObj(number -> Services.event("user-" + number)))
              .join();
      assertThat(result.isComplete()).isTrue();
    }
  }

  @Test
  void whatRunsEndsNothingIsRedeliveredAndThePoolClosesLast() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      kafka.createTopic(TOPIC, 4);
      publish(kafka.bootstrapServers());
      Child first = new Child("first", kafka.bootstrapServers());
      Services.await("200 handlers run", () -> first.count("running 200") > 0);
      first.terminate();

      assertThat(first.handled().size()).isBetween(200, EVENTS - 1);
      assertThat(first.indexOf("running handlers have"))
          .isLessThan(first.indexOf("Group slow: subscriber closed"));
      assertThat(first.indexOf("Group slow: subscriber closed"))
          .isLessThan(first.indexOf("Shutdown initiated"));
      assertThat(first.indexOfRelayClosed()).isLessThan(first.indexOf("Shutdown initiated"));

      Child second = new Child("second", kafka.bootstrapServers());
      Services.await(
          "all the others", () -> first.handled().size() + second.handled().size() >= EVENTS);
      second.terminate();
      List<String> all = new ArrayList<>(first.handled());
      all.addAll(second.handled());
      assertThat(all).hasSize(EVENTS).doesNotHaveDuplicates();
    }
  }

  @Test
  void itEndsInTimeWithoutABroker() throws Exception {
    EmbeddedKafka kafka = EmbeddedKafka.start();
    kafka.createTopic(TOPIC, 4);
    publish(kafka.bootstrapServers());
    Child service = new Child("alone", kafka.bootstrapServers());
    Services.await("200 handlers run", () -> service.count("running 200") > 0);
    kafka.close();
    service.terminate();
    assertThat(service.indexOf("Group slow: subscriber closed"))
        .isLessThan(service.indexOf("Shutdown initiated"));
    assertThat(service.indexOfRelayClosed()).isLessThan(service.indexOf("Shutdown initiated"));
  }

  @Test
  void aRequestInFlightEndsAndPublishesWhileHandlersEnd() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      kafka.createTopic(TOPIC, 4);
      publish(kafka.bootstrapServers());
      Child first = new Child("first", kafka.bootstrapServers(), "--slow=4s");
      Services.await("200 handlers run", () -> first.count("running 200") > 0);
      CompletableFuture<HttpResponse<String>> response = first.request();
      first.terminate();

      assertThat(response)
          .succeedsWithin(Duration.ofSeconds(1))
          .returns(200, HttpResponse::statusCode)
          .returns("published to user.events", HttpResponse::body);
      assertThat(first.indexOf("Commencing graceful shutdown")) // both have the same time
          .isLessThan(first.indexOf("Group slow: subscriber closed"));
      assertThat(first.indexOf("published")).isLessThan(first.indexOf("Shutdown initiated"));

      Child second = new Child("second", kafka.bootstrapServers());
      Services.await(
          "all the others", () -> first.handled().size() + second.handled().size() > EVENTS);
      second.terminate();
      List<String> all = new ArrayList<>(first.handled());
      all.addAll(second.handled());
      assertThat(all)
          .hasSize(EVENTS + 1)
          .doesNotHaveDuplicates()
          .contains("handled by the request");
    }
  }

  @Test
  void handlersAndRequestsThatDoNotEndHaveTheTimeoutTogether() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      kafka.createTopic(TOPIC, 4);
      publish(kafka.bootstrapServers());
      Child stuck = new Child("stuck", kafka.bootstrapServers(), "--slow=1h");
      Services.await("200 handlers run", () -> stuck.count("running 200") > 0);
      stuck.terminate();

      Child both = new Child("both", kafka.bootstrapServers(), "--slow=1h");
      Services.await("200 handlers run", () -> both.count("running 200") > 0);
      CompletableFuture<HttpResponse<String>> response = both.request();
      // One timeout after the other would be 18 seconds.
      assertThat(both.end()).isBetween(TIMEOUT, TIMEOUT.plusSeconds(5));
      assertThat(response).failsWithin(Duration.ofSeconds(1));
      assertThat(both.indexOf("Group slow: subscriber closed"))
          .isLessThan(both.indexOf("Shutdown initiated"));
    }
  }
}
