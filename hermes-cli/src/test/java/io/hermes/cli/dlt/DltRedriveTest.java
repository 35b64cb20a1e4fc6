package io.hermes.cli.dlt;

import static io.hermes.cli.Records.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventHeaders;
import io.hermes.cli.Letters;
import io.hermes.cli.Run;
import io.hermes.subscribe.DeadLetterHeaders;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@KafkaTest
class DltRedriveTest {

  @Test
  void whatCannotGoBackIsNamedAndStays(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    letters.add("a", 0).headers().remove(DeadLetterHeaders.TOPIC);
    letters.add("a", 1).headers().remove(DeadLetterHeaders.GROUP);
    Letters.put(letters.add("a", 2), DeadLetterHeaders.TOPIC, "other.events");
    Letters.put(letters.add("a", 3), DeadLetterHeaders.REDRIVE_COUNT, "3");
    Letters.put(letters.add("a", 4), DeadLetterHeaders.REDRIVE_COUNT, "2");
    letters.send();

    Run run = letters.dlt("redrive", "--yes");
    String left = "skipped " + letters.letterTopic() + "-0@";
    assertThat(run.lines())
        .contains(
            left + "0: it has no header hermes-dlt-topic, so its topic is unknown",
            left + "1: it has no header hermes-dlt-group, so its group is unknown",
            left + "2: it came from other.events, whose dead-letter topic is" + " other.events-dlt",
            left + "3: it was redriven 3 times and failed again (--max-redrives)",
            "skipped   4, as above");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(letters.redrivenIds()).containsExactly("e-4");
    var headers = letters.redriven().get(0).headers();
    assertThat(EventHeaders.text(headers, DeadLetterHeaders.REDRIVE_COUNT)).isEqualTo("3");
    assertThat(EventHeaders.text(headers, DeadLetterHeaders.REDRIVE_GROUP)).isEqualTo("billing");
    assertThat(EventHeaders.text(headers, "trace")).isEqualTo("t-4");
    assertThat(headers.toArray())
        .noneMatch(header -> header.key().startsWith(DeadLetterHeaders.PREFIX));

    Run more = letters.dlt("redrive", "--yes", "--max-redrives", "4");
    assertThat(more.out()).contains("redriven  1 dead letter of", "before    1 already redriven");
    assertThat(letters.redrivenIds()).containsExactly("e-4", "e-3");
  }

  @Test
  void theOriginTopicMayBeGone(Kafka kafka) throws Exception {
    String gone = "gone-" + UUID.randomUUID();
    kafka.createTopic(gone + "-dlt", 1);
    Letters letters = new Letters(kafka, 1);
    var record = letters.add("a", 0);
    Letters.put(record, DeadLetterHeaders.TOPIC, gone);
    letters.replaceLast(
        new ProducerRecord<>(gone + "-dlt", null, record.key(), record.value(), record.headers()));
    letters.send();
    Run run = Run.hermes(kafka.bootstrapServers(), "dlt", "redrive", gone + "-dlt", "--yes");
    assertThat(run.lines().get(0))
        .isEqualTo("skipped " + gone + "-dlt-0@0: topic " + gone + " no longer exists");
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void aRecordThatTheTopicDoesNotTakeIsLeftAndTheOthersGo(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1, Map.of("max.message.bytes", "2000"));
    letters.add("a", 0);
    Letters.put(letters.add("a", 1), "large", noise(3_000));
    letters.add("a", 2);
    letters.send();
    Run run = letters.dlt("redrive", "--yes", "--rate", "1000");
    assertThat(run.out())
        .contains("skipped " + letters.letterTopic() + "-0@1: ", "redriven  2 dead");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(letters.redrivenIds()).containsExactly("e-0", "e-2");
  }

  @Test
  void aRecordThatIsInvalidForTheTopicDoesNotHoldUpTheRestOfItsBatch(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1, Map.of("cleanup.policy", "compact"));
    letters.add("a", 0);
    letters.replaceLast(letters.add("a", 1), null, utf8("a compacted topic takes no such record"));
    letters.add("b", 2);
    letters.add("a", 3);
    letters.send();
    Run run = letters.dlt("redrive", "--yes");
    assertThat(run.out())
        .contains("skipped " + letters.letterTopic() + "-0@1: ", "redriven  3 dead");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(letters.redrivenIds()).containsExactly("e-0", "e-2", "e-3");
    assertThat(letters.dlt("redrive", "--yes").out()).contains("before    3 already redriven");
  }

  /** Text that does not get smaller. */
  private static String noise(int length) {
    StringBuilder text = new StringBuilder();
    new Random(1).ints(length, 33, 127).forEach(c -> text.append((char) c));
    return text.toString();
  }

  @Test
  void filtersChooseAndWhatWasRedrivenIsNotAgainWhateverTheFilter(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    for (int i = 0; i < 6; i++) {
      letters.add("a", i);
    }
    Letters.put(letters.add("a", 6), DeadLetterHeaders.EXCEPTION, "com.example.Broken");
    Letters.put(letters.add("a", 8), DeadLetterHeaders.GROUP, "shipping");
    letters.send();

    Run dry = letters.dlt("redrive", "--type", "USER_LOGIN", "--dry-run");
    assertThat(dry.out())
        .isEqualTo(
            "would redrive  3 dead letters of %s to %s for group billing\n"
                .formatted(letters.letterTopic(), letters.topic()));
    assertThat(letters.redrivenIds()).isEmpty();
    for (String[] filter :
        List.of(
            new String[] {"--type", "USER_LOGIN"},
            new String[] {"--exception", "Broken"},
            new String[] {"--exception", "com.example.Broken"},
            new String[] {"--group", "shipping"},
            new String[] {"--until", "2026-01-31T12:00:00Z"},
            new String[] {"--from", "1h"})) {
      assertThat(letters.dlt("redrive", "--yes", filter[0], filter[1]).exitCode()).isZero();
    }
    assertThat(letters.redrivenIds())
        .containsExactly("e-1", "e-3", "e-5", "e-6", "e-8", "e-0", "e-2", "e-4");
  }

  @Test
  void askedForConsentAndWithoutItNothingIsDone(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    letters.add("a", 0);
    letters.send();
    Run refused = answer("n\n", () -> letters.dlt("redrive"));
    assertThat(refused.err()).contains("Redrive 1 dead letter of", "[y/N]", "Nothing was done.");
    assertThat(answer("", () -> letters.dlt("redrive")).err()).contains("use --yes");
    assertThat(answer("", () -> letters.dlt("purge", "--before-offset", "9")).exitCode())
        .isEqualTo(1);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(letters.redrivenIds()).isEmpty();
    assertThat(answer("y\n", () -> letters.dlt("redrive")).exitCode()).isZero();
    assertThat(letters.redrivenIds()).containsExactly("e-0");
    Run purge = answer("yes\n", () -> letters.dlt("purge", "--before-offset", "9"));
    assertThat(purge.err()).contains("Remove 1 dead letter of", " 0 of them never redriven?");
    assertThat(purge.exitCode()).isZero();
  }

  private static Run answer(String text, Supplier<Run> command) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(utf8(text)));
    try {
      return command.get();
    } finally {
      System.setIn(before);
    }
  }

  @Test
  @Tag("full")
  void notesTensOfThousandsOneByOne(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    int count = RedriveLedger.PAGE + 100;
    for (int i = 0; i < count; i++) {
      letters.add("a", i);
    }
    letters.send();
    letters.dlt("redrive", "--yes", "--type", "USER_LOGIN");
    Run rest = letters.dlt("redrive", "--yes");
    assertThat(rest.out()).contains("before    10,050 already redriven");
    assertThat(letters.redrivenIds()).hasSize(count).doesNotHaveDuplicates();
  }

  @Test
  @Tag("full")
  void aSecondRedriveAtTheSameTimeIsNoticed(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    for (int i = 0; i < 1_000; i++) {
      letters.add("a", i);
    }
    letters.send();
    Supplier<Run> redrive = () -> letters.dlt("redrive", "--yes", "--rate", "300");
    CompletableFuture<Run> other = CompletableFuture.supplyAsync(redrive);
    List<Run> runs = List.of(redrive.get(), other.join());
    assertThat(runs).anyMatch(run -> run.err().contains("Another redrive of"));
    assertThat(letters.redrivenIds().size() - Set.copyOf(letters.redrivenIds()).size())
        .isLessThanOrEqualTo(2 * Redrive.MOST_UNCOMMITTED);
    letters.dlt("redrive", "--yes");
    assertThat(letters.redrivenIds()).contains("e-0", "e-999");
    assertThat(Set.copyOf(letters.redrivenIds())).hasSize(1_000);
  }

  @Test
  void aNoteOfAnotherTopicOfThatNameOrOfSomebodyElseSaysNothing(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    letters.add("a", 0);
    letters.send();
    for (String note : List.of("1 AAAAAAAAAAAAAAAAAAAAAA AQ==", "hello", "")) {
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
        admin
            .alterConsumerGroupOffsets(
                "hermes-redrive." + letters.letterTopic() + ".0",
                Map.of(
                    new TopicPartition(letters.letterTopic(), 0), new OffsetAndMetadata(1, note)))
            .all()
            .get();
      }
      assertThat(letters.dlt("redrive", "--dry-run").out()).contains("1 dead letter");
    }
  }

  @Test
  void purgeRemovesUpToAnOffsetOrATimeAndSaysWhat(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    for (int i = 0; i < 5; i++) {
      letters.add("a", i);
    }
    letters.send();
    Run first = letters.dlt("purge", "--before-offset", "2", "--partition", "0", "--yes");
    assertThat(first.out())
        .isEqualTo("purged  " + letters.letterTopic() + "-0  2 dead letters, offsets 0 to 1\n");
    Run none = letters.dlt("purge", "--before-time", "2026-01-31T12:00:00Z", "--yes");
    assertThat(none.out()).contains("purged  nothing");
    assertThat(letters.listed().get("letters").getAsInt()).isEqualTo(3);
    Run rest = letters.dlt("purge", "--before-time", "0s", "--yes");
    assertThat(rest.out()).contains("3 dead letters, offsets 2 to 4");
    assertThat(letters.listed().get("letters").getAsInt()).isZero();
    assertThat(letters.dlt("purge", "--before-offset", "9", "--yes").out()).contains("nothing");
    Run wrong = letters.dlt("purge", "--before-offset", "9", "--partition", "7", "--yes");
    assertThat(wrong.err()).contains("--partition 7", "is 0.");
    assertThat(wrong.exitCode()).isEqualTo(2);
  }

  @Test
  void redrivesTombstonesAndRecordsWithoutAKey(Kafka kafka) throws Exception {
    Letters letters = new Letters(kafka, 1);
    letters.replaceLast(letters.add("a", 0), utf8("a"), null);
    letters.replaceLast(letters.add("a", 1), null, utf8("value"));
    letters.send();
    assertThat(letters.dlt("redrive", "--yes").exitCode()).isZero();
    var records = letters.redriven();
    assertThat(records.get(0).value()).isNull();
    assertThat(records.get(1).key()).isNull();
    assertThat(Objects.requireNonNull(records.get(1).value())).isEqualTo(utf8("value"));
  }
}
