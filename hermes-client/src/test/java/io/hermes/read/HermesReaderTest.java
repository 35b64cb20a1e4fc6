package io.hermes.read;

import static io.hermes.read.Written.event;
import static io.hermes.read.Written.ids;
import static io.hermes.read.Written.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.BrokerUnavailableException;
import io.hermes.EventRecord;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.UnknownTopicException;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@KafkaTest
@Timeout(60)
class HermesReaderTest {

  private final Kafka kafka;

  HermesReaderTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void readsEveryPartitionInItsOrderToTheEndThatItHadWhenOpened() throws Exception {
    try (Written written = new Written(kafka, 2)) {
      written.write(0, 1, 3);
      written.write(1, 11, 12);

      try (HermesReader<UserEvent> reader = written.reader().toEnd().open()) {
        written.write(0, 4, 4);
        List<List<Object>> read = new ArrayList<>();
        for (EventRecord<UserEvent> r : reader) {
          read.add(List.of(r.partition(), r.offset(), r.event()));
        }

        assertThat(read)
            .containsExactlyInAnyOrder(
                List.of(0, 0L, event(1)),
                List.of(0, 1L, event(2)),
                List.of(0, 2L, event(3)),
                List.of(1, 0L, event(11)),
                List.of(1, 1L, event(12)));
        assertThat(read.stream().filter(r -> r.get(0).equals(0)).map(r -> r.get(1)))
            .containsExactly(0L, 1L, 2L);
        assertThat(reader.isEnded()).isTrue();
        assertThat(reader.poll(Duration.ofHours(1))).isNull();
      }
    }
  }

  @Test
  void startsAtATimeAnOffsetOrTheLastNAndEndsAtOnceBeyondTheEnd() throws Exception {
    try (Written written = new Written(kafka, 1)) {
      written.write(0, 1, 5); // offset 0 has time 1

      assertThat(ids(written.reader().from(StartAt.time(Instant.ofEpochMilli(4)))))
          .containsExactly("event-4", "event-5");
      assertThat(ids(written.reader().from(StartAt.time(Instant.ofEpochMilli(6))))).isEmpty();
      assertThat(ids(written.reader().from(StartAt.offset(3))))
          .containsExactly("event-4", "event-5");
      assertThat(ids(written.reader().from(StartAt.offset(99)))).isEmpty();
      assertThat(ids(written.reader().from(StartAt.last(2)))).containsExactly("event-4", "event-5");
      assertThat(ids(written.reader().from(StartAt.last(99)))).hasSize(5);
      assertThat(ids(written.reader().from(StartAt.latest()))).isEmpty();
    }
  }

  @Test
  void aTimeStartsEachPartitionAtItsFirstSuchRecordAndKeepsLaterOlderOnes() throws Exception {
    try (Written written = new Written(kafka, 2)) {
      for (long time : new long[] {10, 30, 20}) {
        written.send(written.record(0, time, event((int) time)));
      }
      written.send(written.record(1, 5L, event(5)));

      assertThat(ids(written.reader().from(StartAt.time(Instant.ofEpochMilli(20)))))
          .containsExactly("event-30", "event-20");
    }
  }

  @Test
  void aTimeEndsEachPartitionBeforeItsFirstSuchRecordAndAtItsEndWhereThereIsNone()
      throws Exception {
    try (Written written = new Written(kafka, 3)) {
      for (long time : new long[] {10, 30, 20, 40}) {
        written.send(written.record(0, time, event((int) time)));
      }
      written.send(written.record(1, 5L, event(5)));

      assertThat(ids(written.reader().toTime(Instant.ofEpochMilli(20))))
          .containsExactlyInAnyOrder("event-10", "event-5");
      // One window after the other: each record is in one of them.
      assertThat(
              ids(
                  written
                      .reader()
                      .from(StartAt.time(Instant.ofEpochMilli(20)))
                      .toTime(Instant.ofEpochMilli(40))))
          .containsExactly("event-30", "event-20");
      Instant later = Instant.now().plusSeconds(3600);
      assertThat(ids(written.reader().toTime(later))).hasSize(5);
      assertThat(ids(written.reader().toTime(Instant.EPOCH))).isEmpty();
      assertThat(ids(written.reader().from(StartAt.time(later)).toTime(Instant.ofEpochMilli(10))))
          .isEmpty();
    }
  }

  @Test
  void emptyTopicsEndAtOnce() {
    try (Written written = new Written(kafka, 3);
        HermesReader<UserEvent> reader = written.reader().toEnd().open()) {
      assertThat(reader.isEnded()).isTrue();
      assertThat(reader.iterator().hasNext()).isFalse();
      assertThatThrownBy(reader.iterator()::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @Test
  void anEndlessReaderFromTheLatestGetsWhatIsWrittenAfterItOpened() throws Exception {
    try (Written written = new Written(kafka, 2)) {
      written.write(0, 1, 1);
      try (HermesReader<UserEvent> reader = written.reader().from(StartAt.latest()).open()) {
        written.write(0, 2, 2);
        assertThat(next(reader, 1)).containsExactly("event-2");
        assertThat(reader.poll(Duration.ofMillis(50))).isNull();
        assertThat(reader.isEnded()).isFalse();
        written.write(1, 3, 3);
        assertThat(next(reader, 1)).containsExactly("event-3");
      }
    }
  }

  @Test
  void closingFromAnotherThreadEndsAnIterationThatWaits() throws Exception {
    try (Written written = new Written(kafka, 1)) {
      written.write(0, 1, 1);
      HermesReader<UserEvent> reader = written.reader().open();
      CompletableFuture<Void> first = new CompletableFuture<>();
      CompletableFuture<Integer> iteration =
          CompletableFuture.supplyAsync(
              () -> {
                int count = 0;
                for (EventRecord<UserEvent> ignored : reader) {
                  count++;
                  first.complete(null);
                }
                return count;
              });
      first.get(20, TimeUnit.SECONDS);

      reader.close();

      assertThat(iteration.get(20, TimeUnit.SECONDS)).isEqualTo(1);
      assertThat(reader.isEnded()).isTrue();
      assertThat(reader.poll(Duration.ofHours(1))).isNull();
      reader.close();
    }
  }

  @Test
  void closingInsideTheLoopEndsItAndDropsWhatWasFetched() throws Exception {
    try (Written written = new Written(kafka, 1)) {
      written.write(0, 1, 3);
      int count = 0;
      HermesReader<UserEvent> reader = written.reader().toEnd().open();
      for (EventRecord<UserEvent> ignored : reader) {
        count++;
        reader.close();
      }
      assertThat(count).isEqualTo(1);
    }
  }

  @Test
  void anInterruptEndsTheWaitAndKeepsTheFlagAndTheReaderStillCloses() {
    try (Written written = new Written(kafka, 1)) {
      HermesReader<UserEvent> reader = written.reader().open();
      Iterator<EventRecord<UserEvent>> records = reader.iterator();
      Thread.currentThread().interrupt();
      try {
        assertThatThrownBy(records::hasNext)
            .isInstanceOf(HermesException.class)
            .hasMessageContaining("Interrupted");
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        reader.close();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
      } finally {
        Thread.interrupted();
      }
    }
  }

  @Test
  void aMissingBrokerATopicThatIsNotThereAndNoTopicAreTypedErrorsInTime() {
    KafkaSettings nowhere =
        KafkaSettings.builder()
            .bootstrapServers("127.0.0.1:1")
            .openTimeout(Duration.ofMillis(500))
            .build();
    long startNs = System.nanoTime();
    assertThatThrownBy(() -> HermesReader.builder(UserEvent.class).settings(nowhere).open())
        .isInstanceOf(BrokerUnavailableException.class)
        .hasMessageContaining("127.0.0.1:1");
    assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(10));

    var unknown =
        io.hermes.Topic.builder(UserEvent.class, "no-such-topic").keyField("user_id").build();
    assertThatThrownBy(
            () ->
                HermesReader.builder(unknown)
                    .settings(KafkaSettings.of(kafka.bootstrapServers()))
                    .open())
        .isInstanceOf(UnknownTopicException.class)
        .hasMessageContaining("no-such-topic");
    assertThatThrownBy(() -> HermesReader.<UserEvent>builder(List.of()))
        .isInstanceOf(SettingsException.class);
  }

  @Test
  void leavesNoGroupAtTheBroker() throws Exception {
    try (Written written = new Written(kafka, 1);
        var admin = written.admin()) {
      written.write(0, 1, 1);
      Set<String> before = groups(admin);
      try (HermesReader<UserEvent> reader = written.reader().open()) {
        next(reader, 1);
        assertThat(groups(admin)).isSubsetOf(before); // another's may end meanwhile
      }
    }
  }

  private static Set<String> groups(Admin admin) throws Exception {
    return admin.listGroups().all().get(30, TimeUnit.SECONDS).stream()
        .map(GroupListing::groupId)
        .collect(Collectors.toSet());
  }
}
