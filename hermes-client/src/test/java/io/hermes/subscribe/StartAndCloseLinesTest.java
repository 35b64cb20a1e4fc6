package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.testing.CapturedLog;
import io.hermes.testing.Events;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the log says was started and closed: one line each, with its owner. */
@KafkaTest
@Timeout(60)
class StartAndCloseLinesTest {

  @Test
  void aSubscriberSaysHowItIsSetUpAndWhatItHasHandled(Kafka kafka) throws Exception {
    try (CapturedLog log = new CapturedLog();
        Users users = new Users(kafka, 1)) {
      users.send("user-1", 1).get();
      HermesSubscriber subscriber =
          users.subscriber().onError(ErrorPolicy.retry(3).thenSkip()).start(delivery -> {});
      Await.until("handled", () -> users.committedSum() == 1);
      assertThat(subscriber.close(Duration.ofSeconds(20))).isTrue();
      String group = users.group();
      String topic = users.topic().name();
      assertThat(log.lines(" started; "))
          .singleElement()
          .asString()
          .contains("INFO io.hermes.subscribe - ")
          .endsWith(
              String.format(
                  "Group %s: subscriber %s-subscriber-1 started; topics [%s], order KEY, concurrency"
                      + " 8, on error ErrorPolicy[3 attempts, 100 ms to 10 s apart, then SKIP], from"
                      + " the beginning, brokers %s",
                  group, group, topic, kafka.bootstrapServers()));
      assertThat(log.lines("Group " + group + ": assigned [" + topic + "-0]")).hasSize(1);
      assertThat(log.lines(" closed in "))
          .singleElement()
          .asString()
          .contains("INFO ")
          .matches(".*Group " + group + ": subscriber closed in \\d+ ms; records handled: 1");
      assertThat(ownLines(log)).allMatch(line -> line.contains(" - Group " + group + ": "));
    }
  }

  @Test
  void aPipeAlsoSaysWhereItWritesAndWhenItCommits(Kafka kafka) {
    try (CapturedLog log = new CapturedLog();
        Users users = new Users(kafka, 1)) {
      Topic<UserEvent> output = Users.topicOf(kafka.uniqueTopic("out", 1));
      HermesPipe.from(users.topic())
          .to(output)
          .settings(users.settings())
          .group(users.group())
          .start((delivery, out) -> {})
          .close();
      assertThat(
              log.lines(
                  String.format(
                      "Group %s: the pipe writes to [%s], and commits after 100 ms or 10000 events",
                      users.group(), output.name())))
          .hasSize(1);
    }
  }

  @Tag("slow")
  @Test
  void aSubscriberOfAPatternThatMatchesNothingNamesThePattern(Kafka kafka) {
    Pattern none = Pattern.compile("none-[0-9]+");
    try (CapturedLog log = new CapturedLog();
        Users users = new Users(kafka, 1)) {
      users.subscriber().topics(none).start(delivery -> {}).close();
      String group = users.group();
      assertThat(log.lines("Group " + group + ": no topic matches none-[0-9]+ yet; ")).hasSize(1);
      assertThat(log.lines(" started; topics matching none-[0-9]+, order ")).hasSize(1);
      assertThat(log.lines(": subscriber closed in ")).hasSize(1);
    }
  }

  @Test
  void twoPublishersOfTheSameTopicAreToldApart(Kafka kafka) {
    var topic = Events.newTopic(kafka, 1);
    KafkaSettings settings =
        KafkaSettings.of(kafka.bootstrapServers()).toBuilder()
            .property("client.id", topic.name() + "-app")
            .build();
    try (CapturedLog log = new CapturedLog()) {
      var first = HermesPublisher.builder(topic).settings(settings).open();
      var second = HermesPublisher.builder(topic).settings(settings).open();
      first.publishAndWait(Events.login("u", 1), Duration.ofSeconds(10));
      first.close();
      first.close();
      second.close();
      String name = "Publisher " + topic.name() + "-app-publisher-%d of [" + topic.name() + "]: ";
      String one = String.format(name, 1);
      String two = String.format(name, 2);
      assertThat(log.lines(" started; "))
          .hasSize(2)
          .satisfiesExactly(
              line -> assertThat(line).contains(one), line -> assertThat(line).contains(two))
          .allMatch(
              line ->
                  line.contains("INFO io.hermes.publish - ")
                      && line.endsWith(
                          "started; brokers "
                              + kafka.bootstrapServers()
                              + ", delivery timeout 2 min, at most 50000 events and 33554432 bytes in"
                              + " flight"));
      assertThat(log.lines(" closed in "))
          .satisfiesExactly(
              line ->
                  assertThat(line).contains(one).endsWith(" ms; events acknowledged or failed: 1"),
              line ->
                  assertThat(line).contains(two).endsWith(" ms; events acknowledged or failed: 0"));
      assertThat(ownLines(log))
          .allMatch(line -> line.contains(" - " + one) || line.contains(" - " + two));
    }
  }

  private static List<String> ownLines(CapturedLog log) {
    List<String> lines = log.lines(" io.hermes.");
    assertThat(lines).isNotEmpty();
    return lines.stream().filter(line -> !line.contains("io.hermes.testkit")).toList();
  }

  @Test
  void aStartIsReadable() {
    assertThat(StartAt.beginning()).hasToString("the beginning");
    assertThat(StartAt.latest()).hasToString("the end");
    assertThat(StartAt.time(Instant.EPOCH)).hasToString("time 1970-01-01T00:00:00Z");
    assertThat(StartAt.offset(7)).hasToString("offset 7");
    assertThat(StartAt.last(9)).hasToString("the last 9 records");
  }

  @Test
  void anErrorPolicyIsOneReadableTerm() {
    assertThat(ErrorPolicy.standard())
        .hasToString("ErrorPolicy[5 attempts, 100 ms to 10 s apart, then DEAD_LETTER]");
    assertThat(ErrorPolicy.retry(1).thenStop()).hasToString("ErrorPolicy[1 attempt, then STOP]");
    assertThat(
            ErrorPolicy.retryForever()
                .backoff(Duration.ofSeconds(1), Duration.ofMinutes(1))
                .within(Duration.ofHours(2))
                .on(IllegalStateException.class, Decision.SKIP)
                .on(IllegalArgumentException.class, Decision.DEAD_LETTER))
        .hasToString(
            "ErrorPolicy[unlimited attempts, 1 s to 60 s apart, within 2 h, then DEAD_LETTER;"
                + " java.lang.IllegalStateException: SKIP; java.lang.IllegalArgumentException:"
                + " DEAD_LETTER]");
  }
}
