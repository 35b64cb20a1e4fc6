package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.BrokerUnavailableException;
import io.hermes.HermesException;
import io.hermes.StartAt;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.SubscriberHealth.State;
import io.hermes.testing.Programs;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A subscriber is built, and starts when it is told to. */
@KafkaTest
@Timeout(60)
@SuppressWarnings("try") // a subscriber that is only built
class BuildTest {

  private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

  @Test
  void isBuiltWithoutABrokerAndRunsOnceStarted(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      AtomicInteger handled = new AtomicInteger();
      HermesSubscriber subscriber =
          users.subscriber().on(users.topic(), d -> handled.incrementAndGet()).build();
      assertThat(subscriber.health().state()).isEqualTo(State.NEW);
      assertThat(subscriber.health().isHealthy()).isFalse();
      assertThatThrownBy(subscriber::pause)
          .isInstanceOf(HermesException.class)
          .hasMessageContaining("was not started");
      users.send("user-1", 1).get();
      subscriber.start();
      Await.until("handled", () -> users.committedSum() == 1);
      assertThat(handled).hasValue(1);
      assertThatThrownBy(subscriber::start).hasMessageContaining("was already started");
      assertThat(subscriber.close(FOREVER)).isTrue();
      assertThat(subscriber.completion()).isCompleted();
      assertThatThrownBy(subscriber::start).hasMessageContaining("is closed");
      assertThat(subscriber.health().state()).isEqualTo(State.CLOSED);
    }
  }

  @Test
  void aStartThatFailedCanBeTriedAgain(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1);
        ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String nowhere = "localhost:" + port.getLocalPort();
      HermesSubscriber subscriber =
          users.subscriber().settings(settings(nowhere)).on(users.topic(), d -> {}).build();
      assertThatThrownBy(subscriber::start).isInstanceOf(BrokerUnavailableException.class);
      assertThatThrownBy(subscriber::start).isInstanceOf(BrokerUnavailableException.class);
      assertThat(subscriber.health().state()).isEqualTo(State.NEW);
      subscriber.close();
      assertThat(subscriber.completion()).isCompleted();
      assertThat(subscriber.health().state()).isEqualTo(State.CLOSED);
    }
  }

  @Test
  void closedWhileItStartsItDoesNotRun(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1);
        ServerSocket hung = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String one = "localhost:" + hung.getLocalPort();
      HermesSubscriber subscriber =
          users.subscriber().settings(settings(one)).on(users.topic(), d -> {}).build();
      Thread starter =
          new Thread(
              () -> assertThatThrownBy(subscriber::start).isInstanceOf(HermesException.class));
      starter.start();
      Await.until("it connects", () -> connects(hung));
      assertThat(subscriber.close(Duration.ZERO)).isFalse();
      starter.join();
      assertThat(subscriber.completion()).isCompleted();
    }
  }

  private static boolean connects(ServerSocket socket) throws IOException {
    socket.accept();
    return true;
  }

  private static KafkaSettings settings(String servers) {
    return KafkaSettings.builder()
        .bootstrapServers(servers)
        .openTimeout(Duration.ofSeconds(2))
        .build();
  }

  @Test
  void itsConfigurationIsAsItWasBuilt(Kafka kafka) {
    try (Users users = new Users(kafka, 1)) {
      SubscriberBuilder<UserEvent> builder =
          users
              .subscriber()
              .on(users.topic(), d -> {})
              .from(StartAt.latest())
              .concurrency(3)
              .drainTimeout(FOREVER)
              .onError(ErrorPolicy.retry(2).backoff(Duration.ofMillis(1), FOREVER).within(FOREVER));
      try (HermesSubscriber subscriber = builder.build()) {
        builder.concurrency(5).from(StartAt.beginning());
        SubscriberConfig config = subscriber.config();
        assertThat(config.group()).isEqualTo(users.group());
        assertThat(config.topics()).containsExactly(users.topic().name());
        assertThat(config.concurrency()).isEqualTo(3);
        assertThat(config.from()).isEqualTo(StartAt.latest());
        assertThat(config.onError().decide(new IllegalStateException(), 1, 1))
            .isEqualTo(Decision.RETRY);
        assertThat(config.onError().backoffNs(40)).isPositive();
      }
    }
  }

  @Test
  void anEnvironmentThatIsNotUsedIsNotRead() throws Exception {
    Map<String, String> environment = Map.of("KAFKA_SECURITY_PROTOCOL", "NONSENSE");
    assertThat(Programs.output(List.of(), environment, Main.class))
        .contains("built for localhost:1\nrefused: KAFKA_SECURITY_PROTOCOL");
  }

  /** Builds one with settings of its own, and one with those of the environment. */
  static final class Main {

    public static void main(String[] args) {
      SubscriberBuilder<UserEvent> builder = HermesSubscriber.builder(UserEvent.class).group("g");
      builder.on(UserEvent.class, delivery -> {}).settings(KafkaSettings.of("localhost:1"));
      System.out.println("built for " + builder.build().config().settings().bootstrapServers());
      try {
        HermesSubscriber.builder(UserEvent.class).group("g").start(delivery -> {});
      } catch (HermesException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }
  }

  @Test
  void veryLongTimesDoNotOverflow(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      HermesSubscriber subscriber = users.subscriber().drainTimeout(FOREVER).start(d -> {});
      users.send("user-1", 1).get(10, TimeUnit.SECONDS);
      Await.until("handled", () -> users.committedSum() == 1);
      assertThat(subscriber.drain(FOREVER)).isTrue();
    }
  }
}
