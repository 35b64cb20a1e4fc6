package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.concurrent.TimeUnit;
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
        Process member = launch(kafka, users, history);
        try {
          Await.until(
              last ? "all committed" : "some handled",
              Duration.ofSeconds(60),
              () ->
                  last
                      ? users.committedSum() == KEYS * EACH
                      : Files.exists(history) && lines(history, "E").size() >= enough);
        } finally {
          member.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
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
      Process zombie = launch(kafka, users, paused);
      Process heir = null;
      try {
        Await.until(
            "some handled",
            Duration.ofSeconds(60),
            () -> Files.exists(paused) && lines(paused, "E").size() >= 60);
        signal(zombie, "STOP");
        List<String> committedBefore = lines(paused, "C");
        heir = launch(kafka, users, other); // gets the partitions once the session is over
        Await.until(
            "all committed", Duration.ofSeconds(60), () -> users.committedSum() == KEYS * EACH);
        signal(zombie, "CONT");
        Await.until(
            "it noticed",
            Duration.ofSeconds(60),
            () -> Files.readString(Path.of(paused + ".log")).contains("Lost"));
        assertThat(users.committedSum()).isEqualTo(KEYS * EACH);
        assertThat(lines(paused, "C")).isEqualTo(committedBefore);
      } finally {
        zombie.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        if (heir != null) {
          heir.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
      }
      Set<String> handled = new HashSet<>();
      for (Path history : List.of(paused, other)) {
        lines(history, "E").forEach(line -> handled.add(line.substring(2)));
      }
      assertThat(handled).hasSize(KEYS * EACH);
    }
  }

  private static Process launch(Kafka kafka, Users users, Path history) throws Exception {
    return MemberMain.launch(
        kafka.bootstrapServers(), users.topic().name(), users.group(), history, 4);
  }

  private static void signal(Process process, String name) throws Exception {
    List<String> command = List.of("kill", "-" + name, Long.toString(process.pid()));
    assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
  }

  private static List<String> lines(Path file, String kind) throws Exception {
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    return lines.stream().filter(line -> line.startsWith(kind + " ")).toList();
  }

  /** All is handled, in the order of keys; what came again was not committed when it was killed. */
  private static void compare(List<Path> histories) throws Exception {
    Set<String> handled = new HashSet<>();
    for (int life = 0; life < histories.size(); life++) {
      Map<Integer, Long> committedBefore =
          life == 0 ? Map.of() : committed(histories.subList(0, life));
      Map<String, Integer> lastOfKey = new HashMap<>();
      for (String line : lines(histories.get(life), "B")) {
        String[] parts = line.split(" ", -1);
        long offset = Long.parseLong(parts[2]);
        assertThat(offset)
            .as("begins again although it was committed: %s in life %s", line, life)
            .isGreaterThanOrEqualTo(committedBefore.getOrDefault(Integer.valueOf(parts[1]), 0L));
        int number = Integer.parseInt(parts[4]);
        assertThat(number).as(line).isGreaterThan(lastOfKey.getOrDefault(parts[3], -1));
        lastOfKey.put(parts[3], number);
      }
      for (String line : lines(histories.get(life), "E")) {
        handled.add(line.substring(2));
      }
    }
    assertThat(handled).hasSize(KEYS * EACH);
  }

  private static Map<Integer, Long> committed(List<Path> histories) throws Exception {
    Map<Integer, Long> committed = new HashMap<>();
    for (Path history : histories) {
      for (String line : lines(history, "C")) {
        String[] parts = line.split(" ", -1);
        committed.merge(Integer.valueOf(parts[1]), Long.valueOf(parts[2]), Math::max);
      }
    }
    return committed;
  }
}
