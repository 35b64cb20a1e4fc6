package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Topics that a pattern matches. */
@KafkaTest
@Timeout(60)
@SuppressWarnings("try") // a subscriber that only runs
@Tag("slow")
class SubscriberPatternTest {

  @Test
  void topicsOfAPatternAreReadAndTheirDeadLettersAreNot(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.send(users.record("user-1", new byte[] {0x0a, 0x7f})).get();
      AtomicInteger handled = new AtomicInteger();
      SubscriberBuilder<UserEvent> builder =
          users.subscriber().topics(Pattern.compile(users.topic().name() + ".*"));
      try (HermesSubscriber subscriber = builder.start(d -> handled.incrementAndGet())) {
        Await.until("dead", () -> users.committedSum() == 1);
        users.send("user-1", 1).get();
        Await.until("handled", () -> users.committedSum() == 2);
        // Health is put up now and then; without the pattern's exception it would be two.
        Await.until("assigned", () -> !subscriber.health().assigned().isEmpty());
        assertThat(subscriber.health().assigned()).hasSize(1);
      }
      assertThat(handled).hasValue(1);
      assertThat(users.deadLetters()).hasSize(1);
    }
  }

  @ParameterizedTest
  @MethodSource("io.hermes.subscribe.GroupTest#protocols")
  void aTopicThatIsMadeLaterIsReadFromItsBeginningAndHasItsOwnDeadLetters(
      Map<String, String> protocol, Kafka kafka) throws Exception {
    String prefix = kafka.uniqueTopic("later", 1);
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("auto.commit.interval.ms", 50)
            .property("metadata.max.age.ms", 200) // so that the test need not wait for 5 minutes
            .properties(protocol)
            .build();
    Set<String> handled = ConcurrentHashMap.newKeySet();
    try (Users known = new Users(kafka.bootstrapServers(), prefix)) {
      known.send("known", 1).get();
      try (HermesSubscriber subscriber =
          HermesSubscriber.builder(UserEvent.class)
              .settings(settings)
              .group("group-" + prefix)
              .topics(Pattern.compile(prefix + "(-late)?"))
              .start(delivery -> handled.add(delivery.event().getUserId()))) {
        Await.until("the first is read", () -> handled.contains("known"));
        kafka.createTopic(prefix + "-late", 2);
        try (Users later = new Users(kafka.bootstrapServers(), prefix + "-late")) {
          later.send("late", 1).get();
          later.send(later.record("late", new byte[] {0x0a, 0x7f})).get();
          Await.until("the later one is read", () -> handled.contains("late"));
          Await.until(
              "a dead letter",
              () ->
                  subscriber.health().counts().handled() == 3
                      && subscriber.health().inFlightRecords() == 0);
          assertThat(later.deadLetters()).hasSize(1);
          assertThat(subscriber.health().assigned())
              .extracting(TopicPartition::topic)
              .containsOnly(prefix, prefix + "-late");
        }
      }
    }
  }
}
