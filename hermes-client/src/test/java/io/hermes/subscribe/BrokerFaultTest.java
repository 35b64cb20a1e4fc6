package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testkit.Broker;
import io.hermes.testkit.KafkaCluster;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Brokers killed and paused, members that come and go: all is handled, in order, in time. */
@SuppressWarnings("try") // a subscriber that only runs
class BrokerFaultTest {

  private final Map<String, List<Integer>> seen = new ConcurrentHashMap<>();
  private final AtomicInteger handled = new AtomicInteger();

  private Handler<io.hermes.events.v1.UserEvent> handler(long sleepMs) {
    return delivery -> {
      seen.computeIfAbsent(delivery.event().getUserId(), user -> new CopyOnWriteArrayList<>())
          .add(Integer.parseInt(delivery.event().getEventId()));
      Thread.sleep(sleepMs);
      handled.incrementAndGet();
    };
  }

  /** Each number of each key is there, and for the first time in order. */
  private void requireAll(int keys, int each) {
    assertThat(seen).hasSize(keys);
    seen.forEach(
        (key, numbers) -> {
          List<Integer> first = numbers.stream().distinct().toList();
          assertThat(first).as(key).hasSize(each).isSorted();
        });
  }

  @Tag("slow")
  @Test
  void goesOnAfterItsOnlyBrokerWasKilledAndStartedAgain() throws Exception {
    try (KafkaCluster kafka = KafkaCluster.start();
        Users users = new Users(kafka, 2)) {
      users.sendAll(10, 50);
      try (HermesSubscriber subscriber = users.subscriber().start(handler(5))) {
        Await.until("some handled", () -> handled.get() > 50);
        Broker broker = kafka.broker(1);
        broker.kill();
        broker.start();
        Await.until("all committed", Duration.ofSeconds(60), () -> users.committedSum() == 500);
        Await.until("healthy", () -> subscriber.health().isHealthy());
      }
      requireAll(10, 50);
    }
  }

  private boolean goesOnFrom(int before) {
    return handled.get() > Math.min(before + 100, 4_999);
  }

  @Tag("full")
  @Test
  void leadersKilledAndPausedLoseNothing() throws Exception {
    try (KafkaCluster kafka =
            KafkaCluster.builder().brokers(3).property("min.insync.replicas", "2").start();
        Users users = new Users(kafka, 6)) {
      users.sendAll(50, 100);
      Random random = new Random(7);
      try (HermesSubscriber subscriber = users.subscriber().concurrency(16).start(handler(150))) {
        for (int fault = 0; fault < 4; fault++) {
          int before = handled.get();
          Broker broker = kafka.broker(1 + random.nextInt(3));
          if (fault % 2 == 0) {
            broker.kill();
            Await.until("goes on", Duration.ofSeconds(60), () -> goesOnFrom(before));
            broker.start();
          } else {
            broker.pause();
            Await.until("goes on", Duration.ofSeconds(60), () -> goesOnFrom(before));
            broker.resume();
          }
        }
        Await.until("all committed", Duration.ofSeconds(60), () -> users.committedSum() == 5000);
        Await.until("healthy", Duration.ofSeconds(60), () -> subscriber.health().isHealthy());
      }
      requireAll(50, 100);
    }
  }

  @Tag("full")
  @Test
  void membersThatComeAndGoWithSlowHandlersLoseNothing() throws Exception {
    try (KafkaCluster kafka = KafkaCluster.start();
        Users users = new Users(kafka, 8)) {
      users.sendAll(50, 100);
      Random random = new Random(11);
      Deque<HermesSubscriber> members = new ArrayDeque<>();
      members.add(users.subscriber().concurrency(4).start(handler(40)));
      long untilNs = System.nanoTime() + Duration.ofSeconds(40).toNanos();
      while (System.nanoTime() - untilNs < 0 && handled.get() < 5000) {
        if (members.size() < 2 || (members.size() < 4 && random.nextBoolean())) {
          members.add(users.subscriber().concurrency(4).start(handler(40)));
        } else {
          members.removeFirst().close(Duration.ofMillis(random.nextInt(3000)));
        }
        long now = handled.get();
        Await.until(
            "some more",
            Duration.ofSeconds(60),
            () -> handled.get() >= now + 50 || handled.get() >= 5000);
      }
      Await.until("all committed", Duration.ofSeconds(90), () -> users.committedSum() == 5000);
      members.forEach(HermesSubscriber::close);
      requireAll(50, 100);
    }
  }
}
