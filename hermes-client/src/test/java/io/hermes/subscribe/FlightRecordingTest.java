package io.hermes.subscribe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.FlightRecording;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a recording of the JDK's Flight Recorder shows of Hermes. */
@KafkaTest
@Timeout(60)
@SuppressWarnings("try") // a subscriber that only runs
class FlightRecordingTest {

  private static final ErrorPolicy TWICE =
      ErrorPolicy.retry(2).backoff(Duration.ofMillis(1), Duration.ofMillis(1));

  private static final Duration THRESHOLD = Duration.ofMillis(50);

  private final Kafka kafka;

  FlightRecordingTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void showsAttemptsRetriesDeadLettersRebalancesCommitsAndWaitingPublishers(@TempDir Path directory)
      throws Exception {
    Path file = directory.resolve("hermes.jfr");
    try (Users users = new Users(kafka, 1);
        Recording recording = new Recording()) {
      recording.enable("hermes.HandlerAttempt").withThreshold(THRESHOLD);
      recording.enable("hermes.PublisherWait").withoutThreshold();
      recording.start();
      publish(users);
      try (HermesSubscriber subscriber =
          users.subscriber().onError(TWICE).start(FlightRecordingTest::handle)) {
        Await.until("all committed", () -> users.committedSum() == 20);
      }
      recording.stop();
      recording.dump(file);
      requireEvents(RecordingFile.readAllEvents(file), users);
      requireGuide();
    }
  }

  @Test
  void aJvmWithoutTheFlightRecorderWorksAllTheSame() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      String modules = "java.management,java.naming,java.security.jgss,java.security.sasl";
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--limit-modules",
                  modules + ",java.sql,java.net.http,jdk.unsupported",
                  "-cp",
                  System.getProperty("java.class.path"),
                  WithoutFlightRecorder.class.getName(),
                  users.settings().bootstrapServers(),
                  users.topic().name())
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
      assertThat(users.deadLetters()).hasSize(1);
    }
  }

  /** Publishes and handles events. Arguments: bootstrap servers and topic. */
  static final class WithoutFlightRecorder {

    private WithoutFlightRecorder() {}

    public static void main(String[] args) throws Exception {
      if (FlightRecording.isPresent()) {
        throw new AssertionError("jdk.jfr is there");
      }
      try (Users users = new Users(args[0], args[1])) {
        publish(users);
        try (HermesSubscriber subscriber =
            users.subscriber().onError(TWICE).start(FlightRecordingTest::handle)) {
          Await.until("all committed", () -> users.committedSum() == 20);
        }
      }
    }
  }

  /** Waits for room. */
  private static void publish(Users users) throws Exception {
    try (var publisher =
        HermesPublisher.builder(users.topic())
            .settings(users.settings())
            .maxInFlight(1, 1 << 20)
            .open()) {
      List<CompletableFuture<?>> receipts = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        receipts.add(publisher.publish(Users.event("user-secret", i)));
      }
      CompletableFuture.allOf(receipts.toArray(new CompletableFuture<?>[0]))
          .get(30, TimeUnit.SECONDS);
    }
  }

  private static void handle(Delivery<UserEvent> delivery) throws Exception {
    if (delivery.record().offset() == 3) {
      Thread.sleep(100);
      throw new IllegalStateException("told to");
    }
  }

  private static void requireEvents(List<RecordedEvent> events, Users users) {
    List<RecordedEvent> attempts = new ArrayList<>(named(events, "hermes.HandlerAttempt").toList());
    // On a machine that has much else to do, others may take as long as the threshold.
    assertThat(attempts).allMatch(each -> each.getDuration().compareTo(THRESHOLD) >= 0);
    attempts.removeIf(each -> each.getLong("offset") != 3);
    assertThat(attempts)
        .hasSize(2)
        .allSatisfy(
            attempt -> {
              assertThat(attempt.getDuration()).isGreaterThan(Duration.ofMillis(99));
              assertThat(attempt.getString("group")).isEqualTo(users.group());
              assertThat(attempt.getString("exception")).endsWith("IllegalStateException");
            });
    assertThat(attempts)
        .extracting(each -> each.getString("decision"))
        .containsExactlyInAnyOrder("RETRY", "DEAD_LETTER"); // as the recording has them
    assertThat(named(events, "hermes.Retry")).hasSize(1);
    assertThat(named(events, "hermes.DeadLetter")).hasSize(1);
    assertThat(named(events, "hermes.Rebalance").map(each -> each.getString("kind")))
        .contains("assigned");
    assertThat(named(events, "hermes.Commit").map(each -> each.getString("result")))
        .isNotEmpty()
        .containsOnly("acknowledged");
    assertThat(named(events, "hermes.PublisherWait"))
        .isNotEmpty()
        .allMatch(wait -> wait.getBoolean("admitted"))
        .allMatch(wait -> wait.getString("topic").equals(users.topic().name()));
    assertThat(events).noneMatch(event -> event.toString().contains("user-secret"));
  }

  /** The guide has a row for each event. */
  private static void requireGuide() throws IOException {
    Set<String> events =
        FlightRecorder.getFlightRecorder().getEventTypes().stream()
            .map(EventType::getName)
            .filter(name -> name.startsWith("hermes."))
            .collect(Collectors.toSet());
    Set<String> rows =
        Files.readString(Path.of("../docs/observability.md"))
            .lines()
            .filter(line -> line.startsWith("| `hermes.") && Character.isUpperCase(line.charAt(10)))
            .map(line -> line.substring(3, line.indexOf('`', 3)))
            .collect(Collectors.toSet());
    events.add("hermes.Skip"); // Flight Recorder knows an event once there was one
    assertThat(rows).isEqualTo(events);
  }

  private static Stream<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream().filter(event -> event.getEventType().getName().equals(name));
  }
}
