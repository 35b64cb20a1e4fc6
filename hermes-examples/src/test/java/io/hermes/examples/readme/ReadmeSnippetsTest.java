package io.hermes.examples.readme;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventRecord;
import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.ProcessingOrder;
import io.hermes.testkit.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Runs the snippets of README.md one after the other against a broker, each in a JVM of its own
 * with KAFKA_BROKER in its environment, as a service has it.
 */
class ReadmeSnippetsTest {

  private static final UserEvent EVENT =
      UserEvent.newBuilder()
          .setEventId("e-1")
          .setUserId("user-123")
          .setEventType(UserEvent.EventType.USER_REGISTERED)
          .build();

  @Test
  void theThreeVerbsWorkAsTheyStand() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      try (TopicAdmin topics = TopicAdmin.connect(KafkaSettings.of(kafka.bootstrapServers()))) {
        topics.createIfMissing(Topic.of(UserEvent.class));
      }
      assertThat(run(kafka, "publish")).contains("written at offset 0");
      assertThat(run(kafka, "subscribe")).contains("billed user-123");
      assertThat(run(kafka, "read")).contains("e-1 at offset 0");
    }
  }

  /** As a supervisor would, starts it again if the broker does not respond in its five seconds. */
  private static String run(EmbeddedKafka kafka, String verb) throws Exception {
    String output = runOnce(kafka, verb);
    for (int i = 0; i < 5 && output.contains("No Kafka broker responds"); i++) {
      output = runOnce(kafka, verb);
    }
    return output;
  }

  private static String runOnce(EmbeddedKafka kafka, String verb) throws Exception {
    ProcessBuilder program =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            Snippets.class.getName(),
            verb);
    program.environment().put("KAFKA_BROKER", kafka.bootstrapServers());
    Process process = program.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, SECONDS)).as(output).isTrue();
    return output;
  }

  /** The snippets, each run by its name. */
  static final class Snippets {

    private Snippets() {}

    public static void main(String[] args) {
      switch (args[0]) {
        case "publish" -> publish(EVENT);
        case "subscribe" -> subscribe();
        case "read" -> read(Instant.now().minusSeconds(3_600));
        default -> throw new IllegalArgumentException(args[0]);
      }
    }

    /** Compiled only: the methods below run the same. */
    static CompletableFuture<Receipt> atAGlance(
        HermesPublisher<UserEvent> publisher, UserEvent event) {
      CompletableFuture<Receipt> receipt = publisher.publish(event);
      HermesSubscriber.builder(UserEvent.class).group("billing").start(d -> bill(d.event()));
      return receipt;
    }

    private static void publish(UserEvent event) {
      try (var publisher = HermesPublisher.open(UserEvent.class)) { // reads KAFKA_BROKER
        CompletableFuture<Receipt> receipt = publisher.publish(event);
        System.out.printf("written at offset %d%n", receipt.join().offset()); // or chain to it
      }
    }

    private static void subscribe() {
      var subscriber =
          HermesSubscriber.builder(UserEvent.class)
              .group("billing")
              .order(ProcessingOrder.KEY)
              .concurrency(64)
              .onError(ErrorPolicy.retry(5).backoff(ofMillis(100), ofSeconds(10)).thenDeadLetter())
              .start(delivery -> bill(delivery.event()));
      subscriber.runUntilShutdown(); // for a main method: shuts down cleanly on SIGTERM
    }

    private static void read(Instant anHourAgo) {
      try (var reader =
          HermesReader.builder(UserEvent.class).from(StartAt.time(anHourAgo)).toEnd().open()) {
        for (EventRecord<UserEvent> record : reader) {
          System.out.printf("%s at offset %d%n", record.event().getEventId(), record.offset());
        }
      }
    }

    /** Ends the program as an operator would, once it has done its work. */
    private static void bill(UserEvent event) {
      System.out.println("billed " + event.getUserId());
      new Thread(() -> System.exit(0)).start();
    }
  }
}
