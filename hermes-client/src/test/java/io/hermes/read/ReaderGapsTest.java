package io.hermes.read;

import static io.hermes.read.Written.event;
import static io.hermes.read.Written.ids;
import static io.hermes.read.Written.next;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.StartAt;
import io.hermes.UnknownTopicException;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Offsets without records, and topics that change while they are read. */
@KafkaTest
@Timeout(60)
class ReaderGapsTest {

  private final Kafka kafka;

  ReaderGapsTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void endsAfterTransactionMarkersAndWithoutAbortedRecords() throws Exception {
    try (Written written = transactional()) {
      written.producer.beginTransaction();
      written.write(0, 1, 2);
      written.producer.commitTransaction();
      written.producer.beginTransaction();
      written.write(0, 3, 4);
      written.producer.abortTransaction();
      awaitEnd(written, 6); // two records and a marker each: the last offsets have no record

      assertThat(ids(written.reader())).containsExactly("event-1", "event-2");
      assertThat(ids(written.reader().from(StartAt.offset(2)))).isEmpty();
      assertThat(ids(written.reader().from(StartAt.last(3)))).isEmpty();
      // The time of the second record, that of an aborted one, one behind the markers.
      assertThat(ids(written.reader().toTime(Instant.ofEpochMilli(2)))).containsExactly("event-1");
      assertThat(ids(written.reader().toTime(Instant.ofEpochMilli(4)))).hasSize(2);
      assertThat(ids(written.reader().toTime(Instant.now().plusSeconds(60)))).hasSize(2);
    }
  }

  @Test
  void endsBeforeATransactionThatIsOpenAndAnEndlessReaderGetsItOnceItIsCommitted()
      throws Exception {
    try (Written written = transactional()) {
      written.producer.beginTransaction();
      written.write(0, 1, 1);
      written.producer.commitTransaction();
      awaitEnd(written, 2);
      written.producer.beginTransaction();
      written.write(0, 2, 2);

      assertThat(ids(written.reader())).containsExactly("event-1");
      try (HermesReader<UserEvent> endless = written.reader().from(StartAt.latest()).open()) {
        assertThat(endless.poll(Duration.ofMillis(20))).isNull();
        written.producer.commitTransaction();
        assertThat(next(endless, 1)).containsExactly("event-2");
      }
    }
  }

  private Written transactional() {
    Written written =
        new Written(
            kafka,
            kafka.uniqueTopic("read-tx", 1),
            Map.of("transactional.id", "tx-" + System.nanoTime()));
    written.producer.initTransactions();
    return written;
  }

  /** Markers are written after the commit has returned. */
  private static void awaitEnd(Written written, long offset) throws Exception {
    TopicPartition partition = new TopicPartition(written.topic.name(), 0);
    try (Admin admin = written.admin()) {
      var options =
          new org.apache.kafka.clients.admin.ListOffsetsOptions(
              org.apache.kafka.common.IsolationLevel.READ_COMMITTED);
      var latest = Map.of(partition, org.apache.kafka.clients.admin.OffsetSpec.latest());
      while (admin.listOffsets(latest, options).partitionResult(partition).get(10, SECONDS).offset()
          < offset) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void goesOnAtTheFirstRecordThatIsLeftWhenWhatItWasToReadIsRemoved() throws Exception {
    try (Written written = new Written(kafka, 1)) {
      written.write(0, 1, 5);
      try (HermesReader<UserEvent> bounded = written.reader().toEnd().open();
          HermesReader<UserEvent> endless = written.reader().open()) {
        removeBefore(written, 3);

        assertThat(next(endless, 2)).containsExactly("event-4", "event-5");
        List<String> read = new ArrayList<>();
        bounded.forEach(record -> read.add(record.event().getEventId()));
        assertThat(read).containsExactly("event-4", "event-5");
      }
      assertThat(ids(written.reader().from(StartAt.offset(1)))).hasSize(2);
      assertThat(ids(written.reader().from(StartAt.last(9)))).hasSize(2);
    }
  }

  @Test
  void endsWhenAllThatWasToBeReadIsRemoved() throws Exception {
    try (Written written = new Written(kafka, 1)) {
      written.write(0, 1, 5);
      try (HermesReader<UserEvent> bounded = written.reader().toEnd().open()) {
        removeBefore(written, 5);
        written.write(0, 6, 6);

        assertThat(bounded.iterator().hasNext()).isFalse();
      }
    }
  }

  private static void removeBefore(Written written, long offset) throws Exception {
    try (Admin admin = written.admin()) {
      TopicPartition partition = new TopicPartition(written.topic.name(), 0);
      admin
          .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(offset)))
          .all()
          .get(10, SECONDS);
    }
  }

  @Test
  void aTopicThatIsDeletedIsAnErrorAndNoEndlessWait() throws Exception {
    try (Written written = new Written(kafka, 1);
        Admin admin = written.admin()) {
      written.write(0, 1, 1);
      try (HermesReader<UserEvent> endless = written.reader().open();
          HermesReader<UserEvent> bounded = written.reader().toEnd().open()) {
        admin.deleteTopics(List.of(written.topic.name())).all().get(10, SECONDS);

        Set<HermesReader<UserEvent>> reading = new HashSet<>(List.of(endless, bounded));
        while (!reading.isEmpty()) {
          reading.removeIf(reader -> isOver(reader, written.topic.name()));
        }
        assertThatThrownBy(() -> endless.poll(Duration.ofSeconds(20)))
            .isInstanceOf(UnknownTopicException.class);
      }
    }
  }

  /** It fails, unless its last record was fetched before the broker let go of the topic. */
  private static boolean isOver(HermesReader<UserEvent> reader, String topic) {
    try {
      reader.poll(Duration.ofMillis(50));
      return reader.isEnded();
    } catch (UnknownTopicException e) {
      assertThat(e.topic()).isEqualTo(topic);
      return true;
    }
  }

  @Test
  void readingARecreatedShorterTopicStillEnds() throws Exception {
    try (Written written = new Written(kafka, 1);
        Admin admin = written.admin()) {
      written.write(0, 1, 9);
      try (HermesReader<UserEvent> reader = written.reader().toEnd().open()) {
        admin.deleteTopics(List.of(written.topic.name())).all().get(10, SECONDS);
        recreate(written.topic.name());
        try (Written recreated = new Written(kafka, written.topic.name(), Map.of())) {
          recreated.send(recreated.record(0, null, event(100)));
        }

        List<String> read = new ArrayList<>();
        reader.forEach(record -> read.add(record.event().getEventId()));

        assertThat(read).isSubsetOf("event-100");
      }
    }
  }

  private void recreate(String topic) {
    while (true) {
      try {
        kafka.createTopic(topic, 1);
        return;
      } catch (org.apache.kafka.common.errors.TopicExistsException stillThere) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void anEndlessReaderReadsPartitionsThatAreAddedFromTheirBeginning() throws Exception {
    try (Written written = new Written(kafka, 1);
        Admin admin = written.admin()) {
      KafkaSettings settings =
          written.settings().toBuilder().property("metadata.max.age.ms", "200").build();
      try (HermesReader<UserEvent> reader =
          written.reader().settings(settings).from(StartAt.latest()).open()) {
        String name = written.topic.name();
        admin.createPartitions(Map.of(name, NewPartitions.increaseTo(2))).all().get(10, SECONDS);
        try (Written wider = new Written(kafka, name, Map.of())) {
          wider.write(1, 1, 2);
        }
        written.write(0, 3, 3);

        List<String> read = new ArrayList<>(next(reader, 3));
        Collections.sort(read);
        assertThat(read).containsExactly("event-1", "event-2", "event-3");
      }
    }
  }
}
