package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.SettingsException;
import io.hermes.UnknownTopicException;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a subscriber says when topics, names or other members are not as they should be. */
@KafkaTest
@Timeout(60)
@SuppressWarnings("try") // a subscriber that only runs
class StartMessagesTest {

  private final Kafka kafka;

  StartMessagesTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void aTopicWhoseDeadLetterTopicWouldHaveTooLongANameIsRefusedWithBothLengths() {
    String longest = (UUID.randomUUID() + "x".repeat(300)).substring(0, 249);
    for (int length : new int[] {246, 249}) {
      String name = longest.substring(0, length);
      kafka.createTopic(name, 1);
      try (Users users = new Users(kafka.bootstrapServers(), name)) {
        assertThatThrownBy(() -> users.subscriber().start(delivery -> {}))
            .isInstanceOf(SettingsException.class)
            .hasMessageContaining(" has " + length + " characters")
            .hasMessageContaining(
                name + "-dlt, would have " + (length + 4) + "; Kafka allows 249.");
        users.subscriber().onError(ErrorPolicy.retry(1).thenSkip()).start(d -> {}).close();
      }
    }
    String fits = longest.substring(0, 245);
    kafka.createTopic(fits, 1);
    try (Users users = new Users(kafka.bootstrapServers(), fits)) {
      users.subscriber().start(delivery -> {}).close();
    }
  }

  @Test
  void aTypeWithATombstoneHandlerOnlyIsRefusedUnlessItsEventsAreIgnored() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      assertThatThrownBy(
              () -> users.subscriber().onTombstone(users.topic(), delivery -> {}).start())
          .isInstanceOf(SettingsException.class)
          .hasMessage(
              "hermes.events.v1.UserEvent has a tombstone handler, but none for its events, which"
                  + " would all fail. Add one with on(type, handler), or call ignoreOtherTypes().");
      users.send("user-1", 1).get();
      users.send(users.record("user-2", null)).get();
      Set<String> tombstones = ConcurrentHashMap.newKeySet();
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .onTombstone(users.topic(), delivery -> tombstones.add(delivery.record().key()))
              .ignoreOtherTypes()
              .start()) {
        Await.until("handled", () -> subscriber.health().counts().handled() == 2);
        assertThat(subscriber.health().counts().ignored()).isEqualTo(1);
        assertThat(subscriber.health().counts().failed()).isZero();
      }
      assertThat(tombstones).containsExactly("user-2");
    }
  }

  @Test
  void aNameThatKafkaDoesNotTakeIsRefusedByTheRule() {
    try (Users users = new Users(kafka, 1)) {
      assertThatThrownBy(
              () -> users.subscriber().topics(List.of("no such name")).start(delivery -> {}))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("'no such name' is not valid in Kafka (")
          .hasMessageContaining("). Use 1 to 249 letters");
    }
  }

  @Test
  void aTopicThatIsMissingIsToBeCreatedByWhatExists() {
    String missing = "missing-" + UUID.randomUUID();
    try (Users users = new Users(kafka.bootstrapServers(), missing)) {
      assertThatThrownBy(() -> users.subscriber().start(delivery -> {}))
          .isInstanceOf(UnknownTopicException.class)
          .hasMessageContaining("'./hermes topics apply'")
          .hasMessageContaining("createTopics() of a publisher's builder");
    }
  }

  @Test
  void anAssignorThatTheOthersDoNotHaveIsAFaultThatNamesTheSetting() throws Exception {
    try (Users users = new Users(kafka, 1);
        HermesSubscriber first = users.subscriber().start(delivery -> {})) {
      Await.until("assigned", () -> !first.health().assigned().isEmpty());
      var range =
          users.settings().toBuilder()
              .property(
                  "partition.assignment.strategy",
                  "org.apache.kafka.clients.consumer.RangeAssignor")
              .build();
      try (HermesSubscriber second = users.subscriber().settings(range).start(delivery -> {})) {
        Await.until(
            "it says so",
            () ->
                second.completion().isDone()
                    || Objects.toString(second.health().fault())
                        .contains("partition.assignment.strategy"));
        assertThat(Objects.toString(second.health().fault()))
            .contains("no assignor in common", "partition.assignment.strategy");
      }
      assertThat(first.health().isHealthy()).isTrue();
    }
  }
}
