package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testing.Child;
import io.hermes.testing.History;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members killed in the middle of their work; the full histories are compared. */
@KafkaTest
class CrashTest {

  private static final int KEYS = 10;
  private static final int EACH = 30;

  @TempDir
  @SuppressWarnings("NullAway.Init") // by JUnit
  Path directory;

  @Tag("slow")
  @Test
  void aKilledMemberSkipsNothingAndRepeatsOnlyWhatWasNotCommitted(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 2)) {
      users.sendAll(KEYS, EACH);
      List<Path> histories = new ArrayList<>();
      for (int life = 0; life < 3; life++) {
        Path history = directory.resolve("life-" + life);
        histories.add(history);
        boolean last = life == 2;
        int enough = 60;
        Child member = launch(kafka, users, history);
        try {
          Await.until(
              last ? "all committed" : "some handled",
              Duration.ofSeconds(60),
              () ->
                  last
                      ? users.committedSum() == KEYS * EACH
                      : lines(history, "E").size() >= enough);
        } finally {
          member.kill();
        }
      }
      compare(histories);
    }
  }

  @Tag("full")
  @Test
  void aMemberThatIsStoppedForLongCommitsNothingWhenItComesBack(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 2)) {
      users.sendAll(KEYS, EACH);
      Path paused = directory.resolve("paused");
      Path other = directory.resolve("other");
      Child zombie = launch(kafka, users, paused);
      Child heir = null;
      try {
        Await.until("some handled", Duration.ofSeconds(60), () -> lines(paused, "E").size() >= 60);
        zombie.signal("STOP");
        heir = launch(kafka, users, other); // gets the partitions once the session is over
        Await.until(
            "all committed", Duration.ofSeconds(60), () -> users.committedSum() == KEYS * EACH);
        zombie.signal("CONT");
        Await.until(
            "it noticed",
            Duration.ofSeconds(60),
            () -> Files.readString(Path.of(paused + ".log")).contains("Lost"));
        assertThat(users.committedSum()).isEqualTo(KEYS * EACH); // its own would be lower
      } finally {
        zombie.kill();
        if (heir != null) {
          heir.kill();
        }
      }
      Set<List<String>> handled = new HashSet<>();
      for (Path history : List.of(paused, other)) {
        handled.addAll(lines(history, "E"));
      }
      assertThat(handled).hasSize(KEYS * EACH);
    }
  }

  private static Child launch(Kafka kafka, Users users, Path history) throws Exception {
    return MemberMain.launch(
        kafka.bootstrapServers(), users.topic().name(), users.group(), history, 4);
  }

  /** The words of the lines of a kind, without that and the time. */
  private static List<List<String>> lines(Path history, String kind) {
    return History.read(history)
        .filter(words -> words[0].equals(kind))
        .map(words -> List.of(words).subList(1, words.length - 1))
        .toList();
  }

  /** All is handled, in the order of keys; what came again was not committed when it was killed. */
  private static void compare(List<Path> histories) {
    Set<List<String>> handled = new HashSet<>();
    for (int life = 0; life < histories.size(); life++) {
      Map<Integer, Long> committedBefore =
          life == 0 ? Map.of() : committed(histories.subList(0, life));
      Map<String, Integer> lastOfKey = new HashMap<>();
      for (List<String> begun : lines(histories.get(life), "B")) {
        int partition = Integer.parseInt(begun.get(0));
        long offset = Long.parseLong(begun.get(1));
        assertThat(offset)
            .as("begins again although it was committed: %s in life %s", begun, life)
            .isGreaterThanOrEqualTo(committedBefore.getOrDefault(partition, 0L));
        String key = begun.get(2);
        int number = Integer.parseInt(begun.get(3));
        assertThat(number).as("%s", begun).isGreaterThan(lastOfKey.getOrDefault(key, -1));
        lastOfKey.put(key, number);
      }
      handled.addAll(lines(histories.get(life), "E"));
    }
    assertThat(handled).hasSize(KEYS * EACH);
  }

  private static Map<Integer, Long> committed(List<Path> histories) {
    Map<Integer, Long> committed = new HashMap<>();
    for (Path history : histories) {
      for (List<String> commit : lines(history, "C")) {
        committed.merge(Integer.valueOf(commit.get(0)), Long.valueOf(commit.get(1)), Math::max);
      }
    }
    return committed;
  }
}
