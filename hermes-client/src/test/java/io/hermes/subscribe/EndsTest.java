package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.EmbeddedKafka;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How subscribers end, at any moment; the full histories are compared. */
@KafkaTest
@SuppressWarnings("try") // a subscriber that only runs
class EndsTest {

  private static final int KEYS = 12;

  private final Kafka kafka;
  private final Map<String, List<Integer>> seen = new ConcurrentHashMap<>();
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger cutOff = new AtomicInteger();

  EndsTest(Kafka kafka) {
    this.kafka = kafka;
  }

  /** Notes what finished, in the order of each key. */
  private void handle(Delivery<UserEvent> delivery) throws InterruptedException {
    begun.incrementAndGet();
    try {
      Thread.sleep(2); // so that a close finds some of them running
    } catch (InterruptedException e) {
      cutOff.incrementAndGet();
      throw e;
    }
    seen.computeIfAbsent(delivery.event().getUserId(), key -> new CopyOnWriteArrayList<>())
        .add(Integer.parseInt(delivery.event().getEventId()));
  }

  @Test
  @Timeout(300)
  void closedAtRandomMomentsTheyLoseRepeatAndReorderNothing() throws Exception {
    closeAtRandomMoments(new Random(3), 40, 6);
  }

  @Test
  @Tag("full")
  @Timeout(600)
  void closedAtRandomMomentsOftenTheyLoseRepeatAndReorderNothing() throws Exception {
    long seed = System.nanoTime();
    try {
      closeAtRandomMoments(new Random(seed), 500, 100);
    } catch (AssertionError e) {
      throw new AssertionError("Seed " + seed, e);
    }
  }

  private void closeAtRandomMoments(Random random, int each, int closes) throws Exception {
    int all = KEYS * each;
    try (Users users = new Users(kafka, 3)) {
      users.sendAll(KEYS, each);
      for (int round = 0; round < closes; round++) {
        int enough = Math.min(all, begun.get() + random.nextInt(all / closes + 1));
        HermesSubscriber subscriber = users.subscriber().concurrency(4).start(this::handle);
        // One that was closed at once may not have left the group: its session has to end first.
        Await.until("some begun", Duration.ofSeconds(90), () -> begun.get() >= enough);
        switch (random.nextInt(3)) {
          case 0 -> subscriber.close(Duration.ZERO); // even those that run are cut off
          case 1 -> assertThat(subscriber.close(Duration.ofSeconds(20))).isTrue();
          default -> subscriber.drain(Duration.ofMillis(random.nextInt(200)));
        }
        subscriber.completion().get(30, TimeUnit.SECONDS);
      }
      try (HermesSubscriber last = users.subscriber().concurrency(4).start(this::handle)) {
        Await.until("all committed", Duration.ofMinutes(2), () -> users.committedSum() == all);
      }
    }
    assertThat(seen).hasSize(KEYS);
    int handled = 0;
    for (List<Integer> ofKey : seen.values()) {
      // What was cut off never finished, so nothing finished twice.
      handled += ofKey.size();
      assertThat(ofKey.stream().distinct()).hasSize(each).isSorted();
    }
    // One that ended between the deadline and its interrupt may have been repeated.
    assertThat(handled - all).isBetween(0, 4 * closes);
    assertThat(begun.get()).isEqualTo(handled + cutOff.get());
  }

  @Test
  @Timeout(90)
  void membersThatComeAndGoLoseRepeatAndReorderNothing() throws Exception {
    int all = KEYS * 60;
    try (Users users = new Users(kafka, 4)) {
      users.sendAll(KEYS, 60);
      Deque<HermesSubscriber> members = new ArrayDeque<>();
      members.add(users.subscriber().concurrency(2).start(this::handle));
      for (int round = 0; round < 3; round++) {
        members.add(users.subscriber().concurrency(2).start(this::handle));
        int enough = Math.min(all, begun.get() + 100);
        Await.until("some more", () -> begun.get() >= enough);
        assertThat(members.removeFirst().close(Duration.ofSeconds(20))).isTrue();
      }
      Await.until("all committed", Duration.ofSeconds(60), () -> users.committedSum() == all);
      members.forEach(HermesSubscriber::close);
    }
    for (List<Integer> ofKey : seen.values()) {
      assertThat(ofKey).hasSize(60).doesNotHaveDuplicates().isSorted();
    }
    assertThat(begun).hasValue(all);
  }

  @Test
  @Timeout(60)
  void drainEndsAlthoughMoreAndMoreIsWritten() throws Exception {
    try (Users users = new Users(kafka, 2)) {
      users.sendAll(KEYS, 5);
      AtomicBoolean over = new AtomicBoolean();
      Thread writer =
          new Thread(
              () -> {
                try {
                  while (!over.get()) {
                    users.sendAll(KEYS, 1);
                  }
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      HermesSubscriber subscriber = users.subscriber().start(this::handle);
      Await.until("some begun", () -> begun.get() > 0);
      writer.start();
      assertThat(subscriber.drain(Duration.ofSeconds(30))).isTrue();
      over.set(true);
      writer.join();
      int handled = seen.values().stream().mapToInt(List::size).sum();
      assertThat(users.committedSum()).isEqualTo(handled);
      assertThat(begun).hasValue(handled);
    }
  }

  @Test
  @Timeout(60)
  void anInterruptedCloseKeepsTheFlagAndTheSubscriberEndsAllTheSame() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      HermesSubscriber subscriber = users.subscriber().start(this::handle);
      Thread.currentThread().interrupt();
      try {
        subscriber.close();
      } finally {
        assertThat(Thread.interrupted()).isTrue();
      }
      subscriber.completion().get(30, TimeUnit.SECONDS);
      assertThat(subscriber.health().state()).isEqualTo(SubscriberHealth.State.CLOSED);
    }
  }

  @Test
  @Timeout(60)
  void callsFromManyThreadsNeverTouchTheConsumer() throws Exception {
    try (Users users = new Users(kafka, 2)) {
      HermesSubscriber subscriber = users.subscriber().start(this::handle);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread thread =
            new Thread(
                () -> {
                  for (int call = 0; call < 200; call++) {
                    subscriber.pause();
                    subscriber.health();
                    subscriber.resume();
                  }
                });
        thread.start();
        threads.add(thread);
      }
      users.sendAll(KEYS, 10);
      for (Thread thread : threads) {
        thread.join();
      }
      Await.until("all committed", () -> users.committedSum() == 10 * KEYS);
      Thread other = new Thread(subscriber::close);
      other.start();
      assertThat(subscriber.close(Duration.ofSeconds(20))).isTrue();
      other.join();
      subscriber.completion().get(20, TimeUnit.SECONDS); // without a cause
    }
  }

  @Test
  @Timeout(60)
  void oneWhoseStaticNameAnotherTookEndsAndHealthSaysSo() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      SubscriberBuilder<UserEvent> builder =
          users
              .subscriber()
              .settings(
                  users.settings().toBuilder().property("group.instance.id", "the-one").build());
      HermesSubscriber first = builder.start(this::handle);
      Await.until("assigned", () -> first.health().assigned().size() == 1);
      try (HermesSubscriber second = builder.start()) {
        assertThatThrownBy(() -> first.completion().get(30, TimeUnit.SECONDS))
            .hasStackTraceContaining("FencedInstanceId");
        assertThat(first.health().state()).isEqualTo(SubscriberHealth.State.FAILED);
        assertThat(first.health().isHealthy()).isFalse();
        users.send("user-1", 1).get();
        Await.until("the second handles", () -> users.committedSum() == 1);
      }
    }
  }

  @Test
  @Timeout(60)
  void aListenerThatThrowsChangesNothing() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      SubscriberListener throwing =
          new SubscriberListener() {
            @Override
            public void assigned(Set<TopicPartition> partitions) {
              throw new IllegalStateException("assigned");
            }

            @Override
            public void committed(Map<TopicPartition, Long> offsets) {
              throw new IllegalStateException("committed");
            }
          };
      try (HermesSubscriber subscriber =
          users.subscriber().listener(throwing).start(this::handle)) {
        users.sendAll(2, 5);
        Await.until("all committed", () -> users.committedSum() == 10);
        assertThat(subscriber.health().isHealthy()).isTrue();
      }
    }
  }

  @Test
  @Timeout(60)
  void closeEndsWithoutABroker() throws Exception {
    EmbeddedKafka gone = EmbeddedKafka.start();
    try (Users users = new Users(gone, 1)) {
      users.sendAll(1, 3);
      HermesSubscriber subscriber = users.subscriber().start(this::handle);
      Await.until("handled", () -> users.committedSum() == 3);
      gone.close();
      assertThat(subscriber.close(Duration.ofSeconds(4))).isTrue();
      assertThat(subscriber.completion()).isDone();
    } finally {
      gone.close();
    }
  }
}
