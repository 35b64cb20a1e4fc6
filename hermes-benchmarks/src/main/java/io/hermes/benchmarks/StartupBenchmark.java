package io.hermes.benchmarks;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.KafkaCluster;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Measures the time from the start of a JVM to its first acknowledged event. It compares Hermes
 * with the raw client with the same settings. Both run in fresh JVMs and take turns; one broker
 * runs in its own JVM. The ratio is Hermes to the raw client of the same round.
 *
 * <p>Argument: rounds=15. The first round fills caches and does not count.
 */
final class StartupBenchmark {

  private static final String ACKNOWLEDGED = "ACKNOWLEDGED";

  private StartupBenchmark() {}

  public static void main(String[] args) throws Exception {
    int rounds = args.length == 0 ? 15 : Integer.parseInt(args[0].substring("rounds=".length()));
    List<Double> raw = new ArrayList<>();
    List<Double> hermes = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    try (KafkaCluster kafka = KafkaCluster.start()) {
      String topic = kafka.uniqueTopic("startup", 6);
      for (int round = 0; round <= rounds; round++) {
        boolean hermesFirst = round % 2 == 1;
        double first = run(hermesFirst, kafka.bootstrapServers(), topic);
        double second = run(!hermesFirst, kafka.bootstrapServers(), topic);
        if (round > 0) {
          raw.add(hermesFirst ? second : first);
          hermes.add(hermesFirst ? first : second);
          ratios.add(hermes.get(round - 1) / raw.get(round - 1));
        }
      }
    }
    print("raw client, ms", raw);
    print("Hermes, ms", hermes);
    print("Hermes to raw client", ratios);
  }

  /** The milliseconds until a new JVM has its first acknowledgement. */
  private static double run(boolean hermes, String bootstrap, String topic) throws Exception {
    long startNs = System.nanoTime();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty("java.class.path"),
                (hermes ? HermesMain.class : RawMain.class).getName(),
                bootstrap,
                topic)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      double millis = (System.nanoTime() - startNs) / 1e6;
      if (!ACKNOWLEDGED.equals(line)) {
        throw new IllegalStateException("No acknowledgement, but: " + line);
      }
      return millis;
    } finally {
      process.waitFor();
    }
  }

  private static void print(String what, List<Double> figures) {
    List<Double> sorted = figures.stream().sorted().toList();
    System.out.printf(
        Locale.ROOT,
        "%-22s %8.2f (%.2f-%.2f)%n",
        what,
        sorted.get(sorted.size() / 2),
        sorted.get(0),
        sorted.get(sorted.size() - 1));
  }

  private static UserEvent event() {
    return UserEvent.newBuilder()
        .setEventId("e-1")
        .setUserId("user-123")
        .setEventType(UserEvent.EventType.USER_REGISTERED)
        .build();
  }

  /** Reports the acknowledgement, and halts to save the cost of an orderly shutdown. */
  private static void end() {
    System.out.println(ACKNOWLEDGED);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  /** The main class that publishes with Hermes; its arguments are bootstrap servers and topic. */
  static final class HermesMain {

    private HermesMain() {}

    public static void main(String[] args) {
      Topic<UserEvent> topic =
          Topic.builder(UserEvent.class, args[1])
              .keyField("user_id")
              .typeField("event_type")
              .build();
      try (var publisher =
          HermesPublisher.builder(topic).settings(KafkaSettings.of(args[0])).open()) {
        publisher.publishAndWait(event(), Duration.ofSeconds(30));
        end();
      }
    }
  }

  /** The main class that sends the same record with the raw client. */
  static final class RawMain {

    private RawMain() {}

    public static void main(String[] args) throws Exception {
      Map<String, Object> config =
          Map.of(
              "bootstrap.servers",
              args[0],
              "acks",
              "all",
              "compression.type",
              "zstd",
              "compression.zstd.level",
              1,
              "batch.size",
              65536,
              "linger.ms",
              5);
      try (var producer =
          new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
        UserEvent event = event();
        var record =
            new ProducerRecord<>(
                args[1], event.getUserId().getBytes(StandardCharsets.UTF_8), event.toByteArray());
        record
            .headers()
            .add("event-type", event.getEventType().name().getBytes(StandardCharsets.UTF_8))
            .add(
                "message-type",
                UserEvent.getDescriptor().getFullName().getBytes(StandardCharsets.UTF_8));
        producer.send(record).get();
        end();
      }
    }
  }
}
