package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Fault;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.Broker;
import io.hermes.testkit.KafkaCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No broker responds: idle or busy, subscribers and publishers report it within seconds. */
@Timeout(180)
@SuppressWarnings("try") // a subscriber that only runs
class OutageHealthTest {

  private static final Duration NOTICED = Duration.ofSeconds(30); // 8 on a machine that is idle

  @Tag("full")
  @Test
  void aBrokerThatIsPausedOrDeadIsAFaultOfIdleAndBusyClientsUntilItResponds() throws Exception {
    try (KafkaCluster kafka = KafkaCluster.start();
        Users idleUsers = new Users(kafka, 1);
        Users busyUsers = new Users(kafka, 1);
        HermesPublisher<UserEvent> publisher =
            HermesPublisher.builder(idleUsers.topic()).settings(idleUsers.settings()).open()) {
      CountDownLatch stuck = new CountDownLatch(1);
      busyUsers.sendAll(1, 200);
      try (HermesSubscriber idle = idleUsers.subscriber().start(delivery -> {});
          HermesSubscriber busy =
              busyUsers.subscriber().maxInFlight(20, 1 << 20).start(d -> Await.latch(stuck))) {
        Await.until("assigned", () -> idle.health().assigned().size() == 1);
        Await.until("lag", () -> lag(busy) == 200);
        Await.until("all are well", () -> isWell(idle, busy, publisher));
        Broker broker = kafka.broker(1);
        broker.pause();
        requireNoticed(kafka, idle, busy, publisher);
        broker.resume();
        Await.until("over", Duration.ofSeconds(60), () -> isWell(idle, busy, publisher));
        broker.kill();
        requireNoticed(kafka, idle, busy, publisher);
        // Those that are on their way when the broker is away are not acknowledged: no more.
        assertThat(lag(busy)).isEqualTo(200);
        assertThat(busy.health().lagAge()).isGreaterThan(Duration.ofSeconds(3));
        broker.start();
        Await.until("over", Duration.ofSeconds(60), () -> isWell(idle, busy, publisher));
        stuck.countDown();
        Await.until("handled", Duration.ofSeconds(60), () -> busyUsers.committedSum() == 200);
        Await.until("no lag", Duration.ofSeconds(30), () -> lag(busy) == 0);
      } finally {
        stuck.countDown();
      }
    }
  }

  private static void requireNoticed(
      KafkaCluster kafka,
      HermesSubscriber idle,
      HermesSubscriber busy,
      HermesPublisher<UserEvent> publisher)
      throws Exception {
    Instant begin = Instant.now();
    Await.until("idle one", NOTICED, () -> brokers(idle.health().faults()) != null);
    Await.until("busy one", NOTICED, () -> brokers(busy.health().faults()) != null);
    Await.until("publisher", NOTICED, () -> brokers(publisher.health().faults()) != null);
    assertThat(Duration.between(begin, Instant.now())).isLessThan(NOTICED);
    Fault fault = Objects.requireNonNull(brokers(idle.health().faults()));
    assertThat(fault.brokers()).containsExactly(kafka.bootstrapServers());
    assertThat(fault.problem()).contains("No broker responds", kafka.bootstrapServers());
    assertThat(fault.since()).isBefore(Instant.now().minusSeconds(3));
    assertThat(idle.health().isHealthy()).isFalse();
    assertThat(publisher.health().isHealthy()).isFalse();
    assertThat(publisher.health().sinceResponse()).isGreaterThan(Duration.ofSeconds(3));
  }

  private static @Nullable Fault brokers(List<Fault> faults) {
    return faults.stream()
        .filter(fault -> fault.kind() == Fault.Kind.BROKERS)
        .filter(fault -> fault.problem().startsWith("No broker responds"))
        .findFirst()
        .orElse(null);
  }

  private static boolean isWell(
      HermesSubscriber idle, HermesSubscriber busy, HermesPublisher<UserEvent> publisher) {
    return idle.health().isHealthy() && busy.health().isHealthy() && publisher.health().isHealthy();
  }

  private static long lag(HermesSubscriber subscriber) {
    return subscriber.health().lag().values().stream().mapToLong(Long::longValue).sum();
  }
}
