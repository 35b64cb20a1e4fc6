package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.BrokerUnavailableException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two of three bootstrap brokers accept connections and never respond, as a paused process does.
 */
@KafkaTest
@Timeout(90)
@SuppressWarnings("try") // what only opens
class HungBrokersTest {

  private final ServerSocket first = hung();
  private final ServerSocket second = hung();
  private final KafkaSettings settings;
  private final Topic<UserEvent> topic;

  HungBrokersTest(Kafka kafka) {
    // Less than a request of Kafka's takes, enough on a machine that has much else to do.
    this.settings =
        KafkaSettings.builder()
            .bootstrapServers(
                address(first) + "," + kafka.bootstrapServers() + "," + address(second))
            .openTimeout(Duration.ofSeconds(20))
            .build();
    this.topic =
        Topic.builder(UserEvent.class, kafka.uniqueTopic("hung", 1)).keyField("user_id").build();
  }

  /** The system accepts for it, up to its backlog. */
  private static ServerSocket hung() {
    try {
      return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String address(ServerSocket socket) {
    return "localhost:" + socket.getLocalPort();
  }

  @AfterEach
  void close() throws IOException {
    first.close();
    second.close();
  }

  @Tag("slow")
  @RepeatedTest(2) // the clients pick a broker at random
  void openAndStartUseTheBrokerThatResponds() {
    try (var publisher = HermesPublisher.builder(topic).settings(settings).open()) {
      // Kafka's producer may first ask a hung broker for its id, and waits for it for 10 s.
      var event = UserEvent.newBuilder().setEventId("1").setUserId("a").build();
      assertThat(publisher.publishAndWait(event, Duration.ofSeconds(30)).offset()).isZero();
    }
    try (var reader = HermesReader.builder(topic).settings(settings).toEnd().open()) {
      assertThat(reader).hasSize(1);
    }
    try (var reader =
        HermesReader.builder(topic)
            .topics(Pattern.compile(Pattern.quote(topic.name())))
            .settings(settings)
            .toEnd()
            .open()) {
      assertThat(reader).hasSize(1);
    }
    try (var subscriber =
        HermesSubscriber.builder(topic).group("hung").settings(settings).start(delivery -> {})) {
      assertThat(subscriber.health().isHealthy()).isTrue();
    }
  }

  @Test
  void whereNoneRespondsTheErrorComesWithinTheOpenTimeout() {
    KafkaSettings none =
        settings.toBuilder()
            .bootstrapServers(address(first) + "," + address(second))
            .openTimeout(Duration.ofSeconds(1))
            .build();
    long startNs = System.nanoTime();
    assertThatThrownBy(() -> TopicAdmin.connect(none))
        .isInstanceOf(BrokerUnavailableException.class)
        .hasMessageContaining(none.bootstrapServers());
    assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(8));
  }
}
