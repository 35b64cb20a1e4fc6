package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.testing.CapturedLog;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the log says of records that fail. */
@KafkaTest
@Timeout(60)
@SuppressWarnings("try") // a subscriber that only runs
class FailureLogTest {

  @Tag("slow")
  @Test
  void aRetryAndADeadLetterAreALineEachWithoutTheEvent(Kafka kafka) throws Exception {
    try (CapturedLog log = new CapturedLog();
        Users users = new Users(kafka, 1)) {
      users.send("user-1", 1).get();
      UserEvent secret =
          Users.event("user-2", 2).toBuilder()
              .setData(UserEvent.Data.newBuilder().setEmail("secret@example.com"))
              .build();
      users.send(users.record("user-2", secret.toByteArray())).get();
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .onError(ErrorPolicy.retry(3).backoff(Duration.ofMillis(1), Duration.ofMillis(1)))
              .start(
                  delivery -> {
                    throw new IllegalStateException("no account\nERROR forged");
                  })) {
        Await.until("all committed", () -> users.committedSum() == 2);
      }
      String first = users.topic().name() + "-0@0 (hermes.events.v1.UserEvent)";
      String what = ": java.lang.IllegalStateException: no account ERROR forged";
      assertThat(log.lines(first + " failed in attempt "))
          .hasSize(2)
          .allMatch(line -> line.contains("INFO") && line.endsWith(" ms" + what));
      assertThat(log.lines(first + " was written to "))
          .singleElement()
          .asString()
          .contains("WARN", "Group " + users.group() + ": ")
          .endsWith(" was written to " + users.topic().name() + "-dlt after 3 attempts" + what);
      assertThat(log.lines(users.topic().name() + "-0@1 (no message-type) was written to "))
          .hasSize(1);
      assertThat(log.text()).doesNotContain("secret@example.com").doesNotContain("\nERROR forged");
    }
  }

  @Test
  void skippedRecordsAreALineEachAndOfManyOnlySomeAreWrittenAndAllAreCounted(Kafka kafka)
      throws Exception {
    try (CapturedLog log = new CapturedLog();
        Users users = new Users(kafka, 1)) {
      users.sendAll(100, 1);
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .onError(ErrorPolicy.retry(1).thenSkip())
              .start(
                  delivery -> {
                    throw new IllegalStateException("no account");
                  })) {
        Await.until("all committed", () -> users.committedSum() == 100);
      }
      int written = log.lines("was skipped by the error policy after 1 attempt").size();
      assertThat(written).isBetween(LogLimit.LINES, 99);
      int counted =
          log.lines(" more records skipped, not logged individually").stream()
              .map(line -> line.replaceAll(".*: (\\d+) more records.*", "$1"))
              .mapToInt(Integer::parseInt)
              .sum();
      assertThat(written + counted).isEqualTo(100);
    }
  }

  @Test
  void whatIsKeptBackIsReportedAtTheEndOfItsPeriod() {
    List<Long> waits = new ArrayList<>();
    List<Runnable> later = new ArrayList<>();
    List<Long> reported = new ArrayList<>();
    LogLimit limit =
        new LogLimit(
            (delayNs, task) -> {
              waits.add(delayNs);
              later.add(task);
            },
            reported::add);
    for (int i = 0; i < LogLimit.LINES; i++) {
      assertThat(limit.admits()).isTrue();
    }
    for (int i = 0; i < 25; i++) {
      assertThat(limit.admits()).isFalse();
    }
    assertThat(waits)
        .singleElement()
        .satisfies(
            wait -> assertThat(wait).isBetween(TimeUnit.SECONDS.toNanos(5), LogLimit.PERIOD_NS));
    later.get(0).run();
    limit.report();
    assertThat(reported).containsExactly(25L);
  }
}
