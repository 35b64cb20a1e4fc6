package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import io.hermes.BrokerUnavailableException;
import io.hermes.ContractException;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.UnknownTopicException;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Events;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What {@code open} says when something is not there; each within its deadline. */
@KafkaTest
class OpenPublisherTest {

  @Test
  void namesATopicThatIsNotThere(Kafka kafka) {
    Topic<UserEvent> topic = Events.topic("absent-" + UUID.randomUUID());
    var builder =
        HermesPublisher.builder(topic).settings(KafkaSettings.of(kafka.bootstrapServers()));
    assertThatThrownBy(builder::open)
        .isInstanceOfSatisfying(
            UnknownTopicException.class, e -> assertThat(e.topic()).isEqualTo(topic.name()))
        .hasMessageContaining("Topic " + topic.name() + " does not exist at ")
        .hasMessageContaining("createTopics()");
  }

  @Test
  void createsATopicAsItsContractSaysIfAskedTo(Kafka kafka) {
    Topic<UserEvent> topic =
        Topic.builder(UserEvent.class, "created-" + UUID.randomUUID()).partitions(3).build();
    var builder =
        HermesPublisher.builder(topic)
            .settings(KafkaSettings.of(kafka.bootstrapServers()))
            .createTopics();
    for (int i = 0; i < 2; i++) {
      try (var publisher = builder.open()) {
        publisher.publishAndWait(Events.login("u", i), Duration.ofSeconds(10));
      }
    }
  }

  @Test
  void saysWithinItsDeadlineThatNoBrokerAnswers() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + silent.getLocalPort();
      assertFailsWithin(
          Duration.ofSeconds(12),
          () -> HermesPublisher.builder(UserEvent.class).settings(KafkaSettings.of(address)).open(),
          "No Kafka broker responds at " + address);
    }
  }

  @Test
  void saysWithinItsDeadlineThatAHostIsUnknown() {
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers("no-such-host.invalid:9092")
            .openTimeout(Duration.ofSeconds(1))
            .build();
    assertFailsWithin(
        Duration.ofSeconds(10),
        () -> HermesPublisher.builder(UserEvent.class).settings(settings).open(),
        "No host in no-such-host.invalid:9092 can be resolved");
  }

  @Test
  void refusesAMessageWithoutAContract() {
    assertThatThrownBy(() -> HermesPublisher.open(StringValue.class))
        .isInstanceOf(ContractException.class)
        .hasMessageContaining("google.protobuf.StringValue has no topic contract");
  }

  @Test
  void namesAPropertyThatKafkaRefuses(Kafka kafka) {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("linger.ms", "soon")
            .build();
    assertThatThrownBy(() -> HermesPublisher.builder(topic).settings(settings).open())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("linger.ms");
  }

  private static void assertFailsWithin(Duration limit, ThrowingCallable open, String message) {
    long startNs = System.nanoTime();
    assertThatThrownBy(open)
        .isInstanceOf(BrokerUnavailableException.class)
        .hasMessageContaining(message);
    assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(limit);
  }
}
