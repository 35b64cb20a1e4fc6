package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import io.hermes.read.HermesReader;
import io.hermes.testing.Events;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One environment of several on a cluster: every name has its prefix. */
@KafkaTest
@Timeout(60)
@SuppressWarnings("try") // a subscriber that only runs
class TopicPrefixTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  private final Kafka kafka;
  private final String staging = newPrefix();

  TopicPrefixTest(Kafka kafka) {
    this.kafka = kafka;
  }

  private static String newPrefix() {
    return "env-" + UUID.randomUUID() + ".";
  }

  private KafkaSettings environment(String prefix) {
    return KafkaSettings.builder()
        .bootstrapServers(kafka.bootstrapServers())
        .property("auto.commit.interval.ms", 50)
        .property("metadata.max.age.ms", 200)
        .topicPrefix(prefix)
        .build();
  }

  private Receipt publish(String prefix, UserEvent event) {
    try (HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(UserEvent.class)
            .settings(environment(prefix))
            .createTopics()
            .open()) {
      return publisher.publishAndWait(event, SOON);
    }
  }

  private List<String> read(HermesReader.Builder<UserEvent> builder, String prefix) {
    List<String> events = new ArrayList<>();
    try (HermesReader<UserEvent> reader = builder.settings(environment(prefix)).toEnd().open()) {
      for (EventRecord<UserEvent> record : reader) {
        events.add(record.topic() + ": " + record.event().getEventId());
      }
    }
    return events;
  }

  @Test
  void isOnTopicsDeadLetterTopicsAndGroupsAndWhatIsReportedHasIt() throws Exception {
    String topic = staging + "user.events";
    String group = staging + "billing";
    UserEvent bad = Events.login("bad", 1);
    try (HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(UserEvent.class)
            .settings(environment(staging))
            .createTopics()
            .open()) {
      assertThat(publisher.config().topics()).extracting(Topic::name).containsExactly(topic);
      Receipt receipt = publisher.publishAndWait(Events.login("good", 1), SOON);
      assertThat(receipt.topic()).isEqualTo(topic);
      publisher.publishAndWait(bad, SOON);
    }
    Set<String> handled = ConcurrentHashMap.newKeySet();
    try (Users users = new Users(kafka.bootstrapServers(), topic);
        HermesSubscriber subscriber =
            HermesSubscriber.builder(UserEvent.class)
                .settings(environment(staging))
                .group("billing")
                .onError(ErrorPolicy.retry(1))
                .start(
                    delivery -> {
                      handled.add(delivery.record().topic() + " " + delivery.event().getUserId());
                      if (delivery.event().getUserId().equals("bad")) {
                        throw new IllegalStateException("bad");
                      }
                    })) {
      Await.until("both", () -> subscriber.health().counts().deadLettered() == 1);
      assertThat(subscriber.config().group()).isEqualTo(group);
      assertThat(subscriber.config().topics()).containsExactly(topic);
      Await.until("assigned", () -> !subscriber.health().assigned().isEmpty());
      assertThat(subscriber.health().assigned())
          .extracting(TopicPartition::topic)
          .containsOnly(topic);

      ConsumerRecord<byte[], byte[]> letter = users.deadLetters().get(0);
      assertThat(letter.topic()).isEqualTo(topic + "-dlt");
      assertThat(EventHeaders.text(letter.headers(), DeadLetterHeaders.TOPIC)).isEqualTo(topic);
      assertThat(EventHeaders.text(letter.headers(), DeadLetterHeaders.GROUP)).isEqualTo(group);

      // Put back for the group that its header names, as a redrive does, and for another.
      users.send(redriven(letter, topic, "redriven", group)).get();
      users.send(redriven(letter, topic, "of-another", "billing")).get();
      Await.until("redriven", () -> subscriber.health().counts().ignored() == 1);
      Await.until("redriven", () -> handled.contains(topic + " redriven"));
      assertThat(handled)
          .containsExactlyInAnyOrder(topic + " good", topic + " bad", topic + " redriven");
    }
    assertThat(read(HermesReader.builder(UserEvent.class), staging)).contains(topic + ": good/1");
    Topic<UserEvent> letters = Topic.of(UserEvent.class).withName("user.events-dlt");
    assertThat(read(HermesReader.builder(letters), staging)).containsExactly(topic + "-dlt: bad/1");
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      assertThat(admin.listGroups().all().get()).extracting(g -> g.groupId()).contains(group);
    }
  }

  private static ProducerRecord<byte[], byte[]> redriven(
      ConsumerRecord<byte[], byte[]> letter, String topic, String user, String group) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic, letter.partition(), letter.key(), Events.login(user, 1).toByteArray());
    record.headers().add(DeadLetterHeaders.REDRIVE_GROUP, Users.bytes(group));
    return record;
  }

  @Test
  void doesNotChangeTheRecord() {
    UserEvent event = Events.login("user-1", 1);
    publish(staging, event);
    String other = newPrefix();
    publish(other, event);
    ConsumerRecord<byte[], byte[]> first = only(staging + "user.events");
    ConsumerRecord<byte[], byte[]> second = only(other + "user.events");
    assertThat(first.headers()).isEqualTo(second.headers());
    assertThat(EventHeaders.text(first.headers(), EventHeaders.MESSAGE_TYPE))
        .isEqualTo("hermes.events.v1.UserEvent");
    assertThat(first.key()).isEqualTo(second.key()).isEqualTo(Users.bytes("user-1"));
    assertThat(first.value()).isEqualTo(second.value()).isEqualTo(event.toByteArray());
  }

  private ConsumerRecord<byte[], byte[]> only(String topic) {
    try (Users users = new Users(kafka.bootstrapServers(), topic)) {
      List<ConsumerRecord<byte[], byte[]>> records = users.read(topic);
      assertThat(records).hasSize(1);
      return records.get(0);
    }
  }

  @Test
  void ofAnotherEnvironmentMakesItsEventsInvisible() throws Exception {
    String production = newPrefix();
    publish(staging, Events.login("of-staging", 1));
    publish(production, Events.login("of-production", 1));
    for (String prefix : List.of(staging, production)) {
      String own = prefix.equals(staging) ? "of-staging" : "of-production";
      assertThat(read(HermesReader.builder(UserEvent.class), prefix))
          .containsExactly(prefix + "user.events: " + own + "/1");
      ConcurrentLinkedQueue<String> handled = new ConcurrentLinkedQueue<>();
      // The same group's name in both, and once with a pattern that every topic matches.
      for (boolean pattern : List.of(false, true)) {
        SubscriberBuilder<UserEvent> builder =
            HermesSubscriber.builder(UserEvent.class)
                .settings(environment(prefix))
                .group(pattern ? "group-by-pattern" : "group");
        try (HermesSubscriber subscriber =
            (pattern ? builder.topics(Pattern.compile(".*")) : builder)
                .start(delivery -> handled.add(delivery.event().getUserId()))) {
          Await.until("handled", () -> subscriber.health().counts().handled() == 1);
          Await.until("assigned", () -> !subscriber.health().assigned().isEmpty());
          assertThat(subscriber.health().assigned())
              .allMatch(partition -> partition.topic().startsWith(prefix));
        }
      }
      assertThat(handled).containsExactly(own, own);
    }
  }

  @Test
  void isNotPartOfWhatAPatternMatches() throws Exception {
    Pattern pattern = Pattern.compile("^user\\.(events|later)$");
    publish(staging, Events.login("user-1", 1));
    publish(newPrefix(), Events.login("of-another", 1));
    assertThat(read(HermesReader.builder(UserEvent.class).topics(pattern), staging))
        .containsExactly(staging + "user.events: user-1/1");
    Set<String> handled = ConcurrentHashMap.newKeySet();
    try (HermesSubscriber subscriber =
        HermesSubscriber.builder(UserEvent.class)
            .settings(environment(staging))
            .group("group")
            .topics(pattern)
            .start(delivery -> handled.add(delivery.record().topic()))) {
      Await.until("the first", () -> handled.contains(staging + "user.events"));
      Topic<UserEvent> later = Topic.of(UserEvent.class).withName("user.later");
      try (HermesPublisher<UserEvent> publisher =
          HermesPublisher.builder(later).settings(environment(staging)).createTopics().open()) {
        publisher.publishAndWait(Events.login("user-2", 1), SOON);
      }
      Await.until("the later one", () -> handled.contains(staging + "user.later"));
      Await.until("counted", () -> subscriber.health().counts().handled() == 2);
    }
    assertThat(handled).hasSize(2);
  }

  @Test
  void isAddedToTheTopicsThatAnAdminCreatesAndCompares() {
    Topic<UserEvent> topic = Topic.of(UserEvent.class);
    try (TopicAdmin topics = TopicAdmin.connect(environment(staging))) {
      assertThat(topics.createIfMissing(topic)).isTrue();
      assertThat(topics.createIfMissing(topic)).isFalse();
      assertThat(topics.compare(topic)).isEmpty();
      assertThat(topics.names()).contains(staging + "user.events");
      int partitions = topics.partitions("user.events");
      assertThat(topics.ids(Set.of("user.events")).get("user.events"))
          .succeedsWithin(SOON)
          .isEqualTo(topics.id("user.events"));
      topics.require(AclOperation.READ, "user.events");
      topics.requireGroup("billing", "user.events");
      Topic<UserEvent> moreOften =
          Topic.builder(UserEvent.class, "user.events").partitions(partitions + 1).build();
      assertThat(topics.compare(moreOften))
          .singleElement()
          .asString()
          .contains(staging + "user.events");
    }
  }

  @Test
  void isNotAddedTwice() {
    KafkaSettings settings = KafkaSettings.builder().topicPrefix("staging.").build();
    String twice = "'staging.user.events' already starts with the topic prefix 'staging.'";
    Topic<UserEvent> topic = Topic.of(UserEvent.class).withName("staging.user.events");
    assertThatThrownBy(() -> HermesPublisher.builder(topic).settings(settings).open())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("Topic " + twice);
    assertThatThrownBy(() -> HermesReader.builder(topic).settings(settings).open())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("Topic " + twice);
    assertThatThrownBy(
            () ->
                HermesSubscriber.builder()
                    .settings(settings)
                    .group("billing")
                    .on(topic, delivery -> {})
                    .build())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("Topic " + twice);
    assertThatThrownBy(
            () ->
                HermesSubscriber.builder()
                    .settings(settings)
                    .group("staging.billing")
                    .on(UserEvent.class, delivery -> {})
                    .build())
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("Group 'staging.billing' already starts with");
    // What config() returns belongs together: names with the prefix, settings without.
    SubscriberConfig config =
        HermesSubscriber.builder(UserEvent.class)
            .settings(settings)
            .group("billing")
            .topics(List.of("other.events"))
            .on(UserEvent.class, delivery -> {})
            .plan()
            .config();
    assertThat(config.group()).isEqualTo("staging.billing");
    assertThat(config.topics()).containsExactly("staging.other.events");
    assertThat(config.settings().topicPrefix()).isEmpty();
  }

  @Test
  void thatMakesANameTooLongIsRefused() {
    KafkaSettings settings = KafkaSettings.builder().topicPrefix("staging.").build();
    String name = "x".repeat(242);
    String problem = "has 250 characters with the topic prefix; Kafka allows 249";
    Topic<UserEvent> topic = Topic.of(UserEvent.class).withName(name);
    assertThatThrownBy(() -> HermesPublisher.builder(topic).settings(settings).open())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(problem);
    assertThatThrownBy(
            () ->
                HermesSubscriber.builder()
                    .settings(settings)
                    .group("billing")
                    .topics(Set.of(name))
                    .on(UserEvent.class, delivery -> {})
                    .build())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(problem);
  }
}
