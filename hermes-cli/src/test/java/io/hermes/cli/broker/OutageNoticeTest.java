package io.hermes.cli.broker;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.HermesCli;
import io.hermes.cli.Run;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.testkit.KafkaCluster;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that wait while their only broker is away. */
@Tag("full")
@Timeout(180)
class OutageNoticeTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Stop stop = new Stop();

  @ParameterizedTest
  @ValueSource(strings = {"consume --format table", "consume --format table --group watched"})
  void aConsumerSaysThatItWaitsAndShowsWhatComesAfterwards(String command) throws Exception {
    try (KafkaCluster kafka = KafkaCluster.start()) {
      Run.hermes(kafka.bootstrapServers(), "produce", "--count", "3");
      CompletableFuture<Integer> consumer = start(kafka, command);
      await(out, "USER_REGISTERED");
      kafka.broker(1).kill();
      await(err, "No broker answers at " + kafka.bootstrapServers() + " since ");
      kafka.broker(1).start();
      await(err, "A broker answers again, after ");
      assertThat(Run.hermes(kafka.bootstrapServers(), "produce", "--count", "1").exitCode())
          .isZero();
      await(out, Pattern.compile("(?s)USER_REGISTERED.*USER_REGISTERED"));
      stop.request();
      assertThat(consumer.get(30, SECONDS)).isZero();
    }
    assertThat(text(err).lines().filter(line -> line.startsWith("hermes: "))).hasSize(2);
  }

  @Test
  void aProducerSaysThatItWaitsAndLosesNothing() throws Exception {
    try (KafkaCluster kafka = KafkaCluster.start()) {
      CompletableFuture<Integer> producer =
          start(kafka, "produce --verbose --rate 50 --count 1000");
      await(out, "user.events-0@"); // some are written, others come in the outage
      kafka.broker(1).kill();
      await(err, "No broker answers at " + kafka.bootstrapServers() + " since ");
      kafka.broker(1).start();
      await(err, "A broker answers again, after ");
      assertThat(producer.get(90, SECONDS)).isZero();
    }
    assertThat(text(out)).contains("1,000 events to user.events");
  }

  private CompletableFuture<Integer> start(KafkaCluster kafka, String command) {
    Console console = new Console(out, err, Look.PLAIN);
    Map<String, String> environment = Map.of("KAFKA_BROKER", kafka.bootstrapServers());
    return CompletableFuture.supplyAsync(
        () -> HermesCli.run(console, stop, environment, command.split(" ", -1)));
  }

  private static String text(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8);
  }

  private static void await(ByteArrayOutputStream stream, String text) {
    await(stream, Pattern.compile(Pattern.quote(text)));
  }

  private static void await(ByteArrayOutputStream stream, Pattern pattern) {
    long deadlineNs = System.nanoTime() + SECONDS.toNanos(60);
    while (!pattern.matcher(text(stream)).find()) {
      assertThat(System.nanoTime()).as(text(stream)).isLessThan(deadlineNs);
      LockSupport.parkNanos(50_000_000);
    }
  }
}
