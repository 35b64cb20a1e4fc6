package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.BrokerUnavailableException;
import io.hermes.Topic;
import io.hermes.UnknownTopicException;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@KafkaTest
@Timeout(60)
class TopicAdminTest {

  private final Kafka kafka;

  TopicAdminTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void createsATopicAsItsContractSaysAndOnlyOnce() {
    Topic<UserEvent> topic = contract(3).compacted().build();
    try (TopicAdmin topics = connect()) {
      assertThat(topics.createIfMissing(topic)).isTrue();
      assertThat(topics.createIfMissing(topic)).isFalse();

      assertThat(topics.partitions(topic.name())).isEqualTo(3);
      assertThat(topics.compare(topic)).isEmpty();
    }
  }

  @Test
  void saysEachDifferenceBetweenContractAndTopic() {
    Topic<UserEvent> contract = contract(3).compacted().retention(Duration.ofHours(1)).build();
    String name = contract.name();
    try (TopicAdmin topics = connect()) {
      topics.createIfMissing(name, OptionalInt.of(2), Map.of("retention.ms", "5000"));

      assertThat(topics.compare(contract))
          .extracting(TopicDifference::toString)
          .containsExactlyInAnyOrder(
              name + " has 2 partitions; its contract says 3.",
              name + " has cleanup.policy=delete; its contract says compact,delete.",
              name + " has retention.ms=5000; its contract says 3600000.");
    }
  }

  @Test
  void listsInAnotherOrderAreNoDifference() {
    Topic<UserEvent> contract = contract(1).compacted().retention(Duration.ofMillis(5)).build();
    try (TopicAdmin topics = connect()) {
      topics.createIfMissing(
          contract.name(),
          OptionalInt.of(1),
          Map.of("cleanup.policy", "delete,compact", "retention.ms", "5"));
      assertThat(topics.compare(contract)).isEmpty();
    }
  }

  @Test
  void anUnknownTopicIsAnErrorThatNamesIt() {
    Topic<UserEvent> topic = contract(1).build();
    try (TopicAdmin topics = connect()) {
      assertThatThrownBy(() -> topics.partitions(topic.name()))
          .isInstanceOfSatisfying(
              UnknownTopicException.class, e -> assertThat(e.topic()).isEqualTo(topic.name()))
          .hasMessageStartingWith(
              "Topic " + topic.name() + " does not exist at " + kafka.bootstrapServers())
          .hasMessageContaining("createTopics()");
      assertThatThrownBy(() -> topics.compare(topic)).isInstanceOf(UnknownTopicException.class);
    }
  }

  private static Topic.Builder<UserEvent> contract(int partitions) {
    return Topic.builder(UserEvent.class, "admin-" + UUID.randomUUID())
        .keyField("user_id")
        .partitions(partitions);
  }

  private TopicAdmin connect() {
    return TopicAdmin.connect(KafkaSettings.of(kafka.bootstrapServers()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:1", "no-such-host.invalid:9092"})
  void noBrokerOrAnUnknownHostIsAnErrorInTime(String address) {
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(address)
            .openTimeout(Duration.ofSeconds(1))
            .build();
    long startNs = System.nanoTime();
    assertThatThrownBy(() -> TopicAdmin.connect(settings))
        .isInstanceOf(BrokerUnavailableException.class)
        .hasMessageContaining(address)
        .hasMessageContaining("KAFKA_BROKER");
    assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void waitsForAHostThatGetsItsAddressALittleLater() {
    AtomicInteger attempts = new AtomicInteger();
    KafkaClients lateNames =
        new KafkaClients() {
          @Override
          public Producer<byte[], byte[]> producer(Map<String, Object> config) {
            return KafkaClients.standard().producer(config);
          }

          @Override
          public Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
            return KafkaClients.standard().consumer(config);
          }

          @Override
          public Admin admin(Map<String, Object> config) {
            // Kafka's own failure for such a name, until the name is there.
            Map<String, Object> changed = new HashMap<>(config);
            if (attempts.incrementAndGet() <= 3) {
              changed.put("bootstrap.servers", "no-such-host.invalid:9092");
            }
            return KafkaClients.standard().admin(changed);
          }
        };
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .clients(lateNames)
            .build();

    TopicAdmin.connect(settings).close();

    assertThat(attempts).hasValue(4);
  }
}
