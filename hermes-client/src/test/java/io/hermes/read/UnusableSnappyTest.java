package io.hermes.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.StartAt;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Programs;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A library that only other programs' batches need shows when such a batch is read. */
@KafkaTest
class UnusableSnappyTest {

  private final Kafka kafka;

  UnusableSnappyTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void aReaderDoesNotTakeASoundBatchForADamagedOne(@TempDir Path directory) throws Exception {
    String topic = kafka.uniqueTopic("snappy", 1);
    try (Written written = new Written(kafka, topic, Map.of("compression.type", "snappy"))) {
      UserEvent large = Written.event(1).toBuilder().setEventId("x".repeat(10_000)).build();
      written.send(written.record(0, null, large));
    }
    Path file = Files.createFile(directory.resolve("no-directory"));
    assertThat(
            Programs.output(
                List.of("-Dorg.xerial.snappy.tempdir=" + file),
                Main.class,
                kafka.bootstrapServers(),
                topic))
        .contains("SettingsException", "native library for snappy", "-Dorg.xerial.snappy.tempdir=")
        .doesNotContain("CorruptBatchException");
  }

  /** Reads the topic. */
  static final class Main {

    public static void main(String[] args) {
      KafkaSettings settings =
          KafkaSettings.of(args[0]).toBuilder().openTimeout(Duration.ofSeconds(30)).build();
      var topic = io.hermes.Topic.builder(UserEvent.class, args[1]).keyField("user_id").build();
      try (var reader =
          HermesReader.builder(topic).settings(settings).from(StartAt.beginning()).toEnd().open()) {
        reader.forEach(record -> System.out.println("read"));
      } catch (RuntimeException e) {
        System.out.println(e);
      }
    }
  }
}
