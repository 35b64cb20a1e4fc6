package io.hermes.cli.dlt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.Letters;
import io.hermes.cli.ProcessTest;
import io.hermes.cli.Run;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaCluster;
import io.hermes.testkit.KafkaTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A redrive that is killed with SIGKILL, and started again. */
@KafkaTest
class DltKillTest {

  private static final int LETTERS = 2_000;

  @Test
  @Tag("full")
  @Timeout(120)
  void resumesAfterTheLastCommitAndLosesNothing(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 3);
    for (int i = 0; i < LETTERS; i++) {
      letters.add("user-" + i % 50, i);
    }
    letters.send();
    int kills = 0;
    for (int target : new int[] {400, 1_000}) {
      Process process =
          ProcessTest.hermesAt(
              kafka.bootstrapServers(),
              "dlt",
              "redrive",
              letters.letterTopic(),
              "--yes",
              "--rate",
              "400");
      while (process.isAlive() && letters.redriven().size() < target) {
        LockSupport.parkNanos(20_000_000);
      }
      kills += process.isAlive() ? 1 : 0;
      process.destroyForcibly();
      assertThat(process.waitFor(20, SECONDS)).isTrue();
    }
    assertThat(kills).isEqualTo(2);
    int written = letters.redriven().size();
    long committed = letters.listed().get("redriven").getAsLong();
    assertThat(written - committed).isBetween(0L, 2L * Redrive.MOST_UNCOMMITTED);

    Run rest = letters.dlt("redrive", "--yes");
    assertThat(rest.exitCode()).isZero();
    List<String> ids = letters.redrivenIds();
    assertThat(new HashSet<>(ids)).hasSize(LETTERS);
    assertThat((long) ids.size()).isEqualTo(written + LETTERS - committed);
    assertKeysAreInOrder(letters);
  }

  @Test
  @Tag("full")
  @Timeout(180)
  void endsWhenTheBrokerDoesAndGoesOnWhenItIsBack() throws Exception {
    try (KafkaCluster kafka = KafkaCluster.start()) {
      Letters letters = new Letters(kafka, 3);
      for (int i = 0; i < LETTERS; i++) {
        letters.add("user-" + i % 50, i);
      }
      letters.send();
      CompletableFuture<Run> run =
          CompletableFuture.supplyAsync(() -> letters.dlt("redrive", "--yes", "--rate", "400"));
      while (!run.isDone() && letters.redriven().size() < 600) {
        LockSupport.parkNanos(20_000_000);
      }
      kafka.brokers().get(0).kill();
      assertThat(run.get(90, SECONDS).exitCode()).isEqualTo(1);
      assertThat(run.join().err()).startsWith("hermes: ").hasLineCount(1);
      assertThat(run.join().out()).contains("not redriven  ");
      kafka.brokers().get(0).start();

      int written = letters.redriven().size();
      long committed = letters.listed().get("redriven").getAsLong();
      assertThat(letters.dlt("redrive", "--yes").exitCode()).isZero();
      assertThat(new HashSet<>(letters.redrivenIds())).hasSize(LETTERS);
      assertThat((long) letters.redriven().size()).isEqualTo(written + LETTERS - committed);
      assertThat(written - committed).isBetween(0L, (long) Redrive.MOST_UNCOMMITTED);
      assertKeysAreInOrder(letters);
    }
  }

  /** The last of each event comes behind the last of that before it of the same key. */
  private static void assertKeysAreInOrder(Letters letters) throws Exception {
    Map<String, Map<String, Integer>> places = new HashMap<>();
    int place = 0;
    for (var record : letters.redriven()) {
      String id = UserEvent.parseFrom(record.value()).getEventId();
      Map<String, Integer> ofKey =
          places.computeIfAbsent(new String(record.key(), UTF_8), k -> new LinkedHashMap<>());
      ofKey.remove(id);
      ofKey.put(id, place++);
    }
    places.forEach(
        (key, ofKey) -> {
          List<Integer> numbers = new ArrayList<>();
          ofKey.keySet().forEach(id -> numbers.add(Integer.parseInt(id.substring(2))));
          assertThat(numbers).as(key).isSorted().hasSize(LETTERS / 50);
        });
  }
}
