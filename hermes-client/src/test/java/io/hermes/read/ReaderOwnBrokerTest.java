package io.hermes.read;

import static io.hermes.read.Written.event;
import static io.hermes.read.Written.ids;
import static io.hermes.read.Written.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.BrokerUnavailableException;
import io.hermes.CorruptBatchException;
import io.hermes.StartAt;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.LogFiles;
import io.hermes.testkit.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What needs a broker of its own: other settings, damaged files, an end. */
@Timeout(90)
class ReaderOwnBrokerTest {

  @Test
  void readsACompactedTopicToItsEnd() throws Exception {
    try (EmbeddedKafka kafka =
        EmbeddedKafka.builder()
            .property("log.cleaner.backoff.ms", "50")
            .property("log.cleaner.min.cleanable.ratio", "0.01")
            .start()) {
      kafka.createTopic(
          "compacted", 1, Map.of("cleanup.policy", "compact", "segment.bytes", "1048576"));
      try (Written written = new Written(kafka, "compacted", Map.of())) {
        UserEvent large = event(1).toBuilder().setEventId("x".repeat(600_000)).build();
        for (int i = 0; i < 4; i++) {
          written.send(written.record(0, null, large)); // each makes a new segment
        }
        written.send(written.record(0, null, event(2)));

        List<String> read;
        List<String> fromLater;
        do {
          read = ids(written.reader());
          fromLater = ids(written.reader().from(StartAt.offset(1)));
        } while (read.size() == 5 || read.size() != fromLater.size()); // it cleaned in between

        // The active segment is never compacted; before it only the key's latest is left.
        assertThat(read.size()).isBetween(2, 4);
        assertThat(read.get(read.size() - 1)).isEqualTo("event-2");
        assertThat(fromLater).isEqualTo(read);
      }
    }
  }

  @Test
  void aDamagedBatchIsAnErrorThatNamesItsPlaceAndLaterRecordsCanBeRead(@TempDir Path data)
      throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.builder().dataDir(data).start()) {
      kafka.createTopic("damaged.v1-0", 2);
      try (Written written = new Written(kafka, "damaged.v1-0", Map.of())) {
        written.write(0, 1, 3);
        written.write(1, 11, 13);
      }
    }
    LogFiles.flipByteOfBatch(data.resolve("damaged.v1-0-1/00000000000000000000.log"), 1);

    try (EmbeddedKafka kafka = EmbeddedKafka.builder().dataDir(data).start();
        Written written = new Written(kafka, "damaged.v1-0", Map.of());
        HermesReader<UserEvent> reader = written.reader().toEnd().open()) {
      assertThatThrownBy(() -> reader.forEach(record -> {}))
          .isInstanceOfSatisfying(
              CorruptBatchException.class,
              e -> {
                assertThat(e.topic()).isEqualTo("damaged.v1-0");
                assertThat(e.partition()).isEqualTo(1);
                assertThat(e.offset()).isEqualTo(1);
              });
      assertThatThrownBy(() -> next(reader, 4)).isInstanceOf(CorruptBatchException.class);
      assertThat(ids(written.reader().from(StartAt.offset(2))))
          .containsExactlyInAnyOrder("event-3", "event-13");
    }
  }

  @Test
  @Tag("full")
  void aBoundedReaderGivesUpWhenNoBrokerHasAnsweredForHalfAMinute() throws Exception {
    EmbeddedKafka kafka = EmbeddedKafka.start();
    try (Written written = new Written(kafka, kafka.uniqueTopic("gone", 1), Map.of())) {
      written.write(0, 1, 1);
      KafkaSettings settings =
          written.settings().toBuilder().openTimeout(Duration.ofSeconds(2)).build();
      try (HermesReader<UserEvent> reader = written.reader().settings(settings).toEnd().open()) {
        kafka.close();
        long startNs = System.nanoTime();
        assertThatThrownBy(() -> reader.forEach(record -> {}))
            .isInstanceOf(BrokerUnavailableException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - startNs))
            .isBetween(RecordSource.PATIENCE, RecordSource.PATIENCE.plusSeconds(15));
      }
    } finally {
      kafka.close();
    }
  }
}
