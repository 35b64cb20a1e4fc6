package io.hermes.cli.records;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.HermesCli;
import io.hermes.cli.Run;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The option --metrics of produce, consume and demo. */
@KafkaTest
@Timeout(60)
class MetricsOptionTest {

  private final Kafka kafka;

  MetricsOptionTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @ParameterizedTest
  @CsvSource({
    "produce --forever --rate 20 --metrics 0,hermes_publish_seconds_count{",
    "consume --group metered --metrics 127.0.0.1:0,hermes_handle_seconds_count{",
    "demo --metrics 0,hermes_handle_seconds_count{"
  })
  void metricsAreServedWhileTheCommandRuns(String command, String expected) throws Exception {
    assertThat(Run.hermes(kafka.bootstrapServers(), "produce", "--count", "3").exitCode()).isZero();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Stop stop = new Stop();
    CompletableFuture<Integer> running =
        CompletableFuture.supplyAsync(
            () ->
                HermesCli.run(
                    new Console(new ByteArrayOutputStream(), err, Look.PLAIN),
                    stop,
                    Map.of("KAFKA_BROKER", kafka.bootstrapServers()),
                    command.split(" ", -1)));
    String url = url(err, running);
    while (!get(url).contains(expected)) {
      assertThat(running).isNotDone();
      LockSupport.parkNanos(50_000_000);
    }
    assertThat(get(url)).contains("_healthy{", "kafka_").doesNotContain("NaN");
    stop.request();
    assertThat(running.get(30, SECONDS)).isZero();
  }

  private static String url(ByteArrayOutputStream err, CompletableFuture<Integer> running) {
    Pattern line = Pattern.compile("hermes: Metrics are at (http://127\\.0\\.0\\.1:\\d+/metrics)");
    while (true) {
      Matcher matcher = line.matcher(err.toString(StandardCharsets.UTF_8));
      if (matcher.find()) {
        return matcher.group(1);
      }
      assertThat(running).as("%s", err).isNotDone();
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static String get(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
        .body();
  }

  @Test
  void aScraperThatStopsHalfwayHoldsUpNoOther() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (MetricsEndpoint endpoint = MetricsEndpoint.open(new InetSocketAddress(loopback, 0));
        Socket slow = new Socket(loopback, URI.create(endpoint.url()).getPort())) {
      slow.getOutputStream().write("GET /met".getBytes(StandardCharsets.US_ASCII));
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create(endpoint.url()))
                      .timeout(Duration.ofSeconds(10))
                      .build(),
                  BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
    }
  }

  @Test
  void theAddressOfAnIpv6HostIsOneThatABrowserTakes() throws Exception {
    byte[] bytes = new byte[16];
    bytes[15] = 1;
    InetAddress v6 = InetAddress.getByAddress(bytes);
    assertThat(MetricsEndpoint.url(new InetSocketAddress(v6, 9404)))
        .isEqualTo("http://[0:0:0:0:0:0:0:1]:9404/metrics");
  }

  @ParameterizedTest
  @ValueSource(strings = {"94x4", "host:", "70000", "123456", "-1", ":9404", "::1", "", "x:y"})
  void aPortThatIsNoneIsRefused(String port) {
    Run run = Run.hermes(kafka.bootstrapServers(), "produce", "--metrics=" + port);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("give a port, such as 9404").doesNotContain("\tat ");
  }

  @Test
  void aPortThatIsTakenIsRefused() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Run run =
          Run.hermes(kafka.bootstrapServers(), "produce", "--metrics", "" + taken.getLocalPort());
      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.err())
          .contains("Metrics cannot be served at 127.0.0.1:" + taken.getLocalPort())
          .contains("Give --metrics a free port");
    }
  }

  @Test
  void aHostThatDoesNotResolveIsNamed() {
    Run run =
        Run.hermes(kafka.bootstrapServers(), "produce", "--metrics", "no.such.host.invalid:9404");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("the host no.such.host.invalid cannot be resolved");
  }

  @Test
  void aConsumerWithoutAGroupHasNone() {
    Run run = Run.hermes(kafka.bootstrapServers(), "consume", "--metrics", "9404");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("give --group too");
  }
}
