package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class OffsetTrackerTest {

  private static final TopicId TOPIC = new TopicId("cluster", new Uuid(7, 8));

  @Test
  void isAtTheFirstPositionWhileNothingIsReceived() {
    assertThat(new OffsetTracker(17).committable()).isEqualTo(17);
  }

  @Test
  void commitsOnlyUpToTheLowestUnfinishedRecord() {
    OffsetTracker tracker = new OffsetTracker(0);
    long first = tracker.register(0, 0);
    long second = tracker.register(1, 0);
    tracker.finish(second);
    assertThat(tracker.committable()).isZero();
    tracker.finish(first);
    assertThat(tracker.committable()).isEqualTo(2);
  }

  @Test
  void commitsOverGapsAndTrailingMarkersOnceAllIsFinished() {
    OffsetTracker tracker = new OffsetTracker(0);
    long only = tracker.register(5, 0);
    tracker.advance(9);
    assertThat(tracker.committable()).isEqualTo(5);
    tracker.finish(only);
    assertThat(tracker.committable()).isEqualTo(9);
  }

  @Test
  void refusesARecordThatComesTwice() {
    OffsetTracker tracker = new OffsetTracker(3);
    tracker.register(3, 0);
    assertThatThrownBy(() -> tracker.register(3, 0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void agreesWithANaiveModel() {
    RandomOps.check(200, 200, 4, OffsetTrackerTest::compare);
  }

  /** Operations: receive (more often), finish any record or one again, pass a gap. */
  private static void compare(List<RandomOps.Op> ops) {
    OffsetTracker tracker = new OffsetTracker(10);
    Map<Long, Long> tickets = new HashMap<>();
    TreeSet<Long> unfinished = new TreeSet<>();
    TreeSet<Long> finished = new TreeSet<>();
    long position = 10;
    long last = 10;
    for (RandomOps.Op op : ops) {
      switch (op.kind()) {
        case 0, 1 -> {
          long offset = position + (op.a() % 4 == 0 ? op.b() % 50 : 0);
          tickets.put(offset, tracker.register(offset, op.a()));
          unfinished.add(offset);
          position = offset + 1;
        }
        case 2 -> {
          if (!tickets.isEmpty()) {
            List<Long> all = tickets.keySet().stream().sorted().toList();
            long offset = all.get((op.a() * 1000 + op.b()) % all.size());
            boolean wasUnfinished = unfinished.remove(offset);
            finished.add(offset);
            assertThat(tracker.finish(tickets.getOrDefault(offset, -1L))).isEqualTo(wasUnfinished);
          }
        }
        default -> {
          position += op.b() % 3;
          tracker.advance(position);
        }
      }
      long committable = unfinished.isEmpty() ? position : unfinished.first();
      assertThat(tracker.committable()).isEqualTo(committable).isGreaterThanOrEqualTo(last);
      last = committable;
      long base = committable;
      OffsetRuns beyond = tracker.finishedBeyond();
      for (long offset : tickets.keySet()) {
        require(beyond.contains(offset) == (offset > base && finished.contains(offset)), offset);
      }
      String text = CommitMetadata.encode(TOPIC, base, beyond);
      assertThat(text.length()).isLessThanOrEqualTo(CommitMetadata.LIMIT);
      OffsetRuns read = CommitMetadata.decode(text, TOPIC, base);
      for (long offset : tickets.keySet()) {
        require(read.contains(offset) == beyond.contains(offset), offset);
      }
    }
  }

  private static void require(boolean holds, long offset) {
    if (!holds) {
      throw new AssertionError("at offset " + offset);
    }
  }

  @Test
  void metadataOfAnotherTopicOrOffsetOrOfDamagedTextSaysNothing() {
    OffsetRuns.Builder runs = new OffsetRuns.Builder();
    runs.addRun(12, 20, false);
    OffsetRuns finished = runs.build();
    String text = CommitMetadata.encode(TOPIC, 10, finished);
    assertThat(CommitMetadata.decode(text, TOPIC, 10)).isEqualTo(finished);
    TopicId recreated = new TopicId("cluster", new Uuid(7, 9));
    TopicId mirror = new TopicId("mirror", new Uuid(7, 9));
    assertThat(CommitMetadata.decode(text, recreated, 10)).isEqualTo(OffsetRuns.NONE);
    assertThat(CommitMetadata.decode(text, mirror, 10)).isEqualTo(OffsetRuns.NONE);
    assertThat(CommitMetadata.decode(text, TOPIC, 11)).isEqualTo(OffsetRuns.NONE);
    assertThat(CommitMetadata.isOfAnother(text, recreated, 10)).isTrue();
    assertThat(CommitMetadata.isOfAnother(text, recreated, 11)).isFalse();
    assertThat(CommitMetadata.isOfAnother(text, TOPIC, 10)).isFalse();
    assertThat(CommitMetadata.isOfAnother(text, mirror, 10)).isFalse();
    for (int i = 0; i < text.length() - 1; i++) { // the last has bits to spare
      char other = text.charAt(i) == 'A' ? 'B' : 'A';
      String damaged = text.substring(0, i) + other + text.substring(i + 1);
      assertThat(CommitMetadata.decode(damaged, TOPIC, 10)).isEqualTo(OffsetRuns.NONE);
      String cut = text.substring(0, i);
      assertThat(CommitMetadata.decode(cut, TOPIC, 10)).isEqualTo(OffsetRuns.NONE);
    }
    for (String foreign : List.of("", "x", "hermes1:", "hermes1:####", "hermes2:AAAA")) {
      assertThat(CommitMetadata.decode(foreign, TOPIC, 10)).isEqualTo(OffsetRuns.NONE);
      assertThat(CommitMetadata.isOfAnother(foreign, recreated, 10)).isFalse();
    }
    assertThat(CommitMetadata.decode(null, TOPIC, 10)).isEqualTo(OffsetRuns.NONE);
  }

  @Test
  void metadataKeepsTheNearestPartOfWhatDoesNotFit() {
    OffsetRuns.Builder runs = new OffsetRuns.Builder();
    for (long offset = 1; offset < 200_000; offset += 3) {
      runs.add(offset, false);
    }
    OffsetRuns finished = runs.build();
    assertThat(CommitMetadata.fits(0, finished)).isFalse();
    String text = CommitMetadata.encode(TOPIC, 0, finished);
    assertThat(text.length()).isLessThanOrEqualTo(CommitMetadata.LIMIT);
    OffsetRuns read = CommitMetadata.decode(text, TOPIC, 0);
    for (long offset = 0; offset < 200_000; offset++) {
      boolean expected = offset % 3 == 1 && offset < CommitMetadata.SAFE_SPAN;
      require(read.contains(offset) == expected, offset);
    }
  }

  @Test
  void oneBlockedRecordFitsHoweverFarTheOthersAre() {
    OffsetRuns.Builder runs = new OffsetRuns.Builder();
    runs.addRun(1, 10_000_000, false);
    OffsetRuns finished = runs.build();
    assertThat(CommitMetadata.fits(0, finished)).isTrue();
    String text = CommitMetadata.encode(TOPIC, 0, finished);
    assertThat(CommitMetadata.decode(text, TOPIC, 0)).isEqualTo(finished);
  }
}
