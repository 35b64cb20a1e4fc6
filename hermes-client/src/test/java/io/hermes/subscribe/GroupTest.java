package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.SubscriberHealth.State;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several members of a group. */
@KafkaTest
@SuppressWarnings("try") // a subscriber that only runs
class GroupTest {

  static Stream<Map<String, String>> protocols() {
    return Stream.of(
        Map.of("heartbeat.interval.ms", Integer.toString(Users.HEARTBEAT_MS)),
        Map.of("group.protocol", "consumer"));
  }

  /** What happened, for the comparison at the end. */
  private static final class History {
    private final Map<String, List<Integer>> byKey = new ConcurrentHashMap<>();
    private final Map<String, Integer> running = new ConcurrentHashMap<>();
    private final List<String> overlaps = new CopyOnWriteArrayList<>();
    private final AtomicInteger count = new AtomicInteger();

    Handler<io.hermes.events.v1.UserEvent> handler(long sleepMs) {
      return delivery -> {
        String user = delivery.event().getUserId();
        if (running.merge(user, 1, Integer::sum) > 1) {
          overlaps.add(user);
        }
        Thread.sleep(sleepMs);
        running.merge(user, -1, Integer::sum);
        byKey
            .computeIfAbsent(user, none -> new CopyOnWriteArrayList<>())
            .add(Integer.parseInt(delivery.event().getEventId()));
        count.incrementAndGet();
      };
    }
  }

  @ParameterizedTest
  @MethodSource("protocols")
  void partitionsMoveWithoutLossDuplicatesOrDisorder(Map<String, String> protocol, Kafka kafka)
      throws Exception {
    try (Users users = new Users(kafka, 4)) {
      users.sendAll(20, 30);
      KafkaSettings settings = users.settings().toBuilder().properties(protocol).build();
      History history = new History();
      Set<TopicPartition> revoked = ConcurrentHashMap.newKeySet();
      SubscriberListener listener =
          new SubscriberListener() {
            @Override
            public void revoked(Set<TopicPartition> partitions) {
              revoked.addAll(partitions);
            }
          };
      try (HermesSubscriber first =
          users.subscriber().settings(settings).listener(listener).start(history.handler(10))) {
        Await.until("the first handles", () -> history.count.get() > 20);
        try (HermesSubscriber second =
            users.subscriber().settings(settings).start(history.handler(10))) {
          Await.until("the second has some", () -> !second.health().assigned().isEmpty());
          users.sendAll(20, 30);
          Await.until("all committed", () -> users.committedSum() == 1200);
        }
        Await.until("the first has all again", () -> first.health().assigned().size() == 4);
      }
      assertThat(revoked).isNotEmpty();
      assertThat(history.overlaps).isEmpty();
      assertThat(history.count).hasValue(1200);
    }
  }

  @Test
  void aHandlerThatOutlivesItsRevokeIsInterruptedAndTheNextOwnerHandlesItsRecord(Kafka kafka)
      throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.send("user-1", 1).get();
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch interrupted = new CountDownLatch(1);
      List<Duration> remaining = new CopyOnWriteArrayList<>();
      HermesSubscriber first =
          users
              .subscriber()
              .start(
                  delivery -> {
                    entered.countDown();
                    try {
                      new CountDownLatch(1).await();
                    } finally {
                      remaining.add(delivery.remaining());
                      interrupted.countDown();
                    }
                  });
      entered.await();
      assertThat(first.close(Duration.ofMillis(300))).isFalse();
      interrupted.await();
      AtomicInteger handled = new AtomicInteger();
      try (HermesSubscriber second =
          users.subscriber().start(delivery -> handled.addAndGet(delivery.attempt()))) {
        Await.until("committed", () -> users.committedSum() == 1);
      }
      assertThat(handled).hasValue(1);
      assertThat(remaining.get(0)).isLessThan(Duration.ofMillis(300));
      assertThat(users.deadLetters()).isEmpty();
    }
  }

  @Test
  void aHandlerSlowerThanMaxPollIntervalKeepsItsPartition(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.sendAll(2, 1);
      KafkaSettings settings =
          users.settings().toBuilder().property("max.poll.interval.ms", 2_000).build();
      Set<TopicPartition> lost = ConcurrentHashMap.newKeySet();
      AtomicInteger handled = new AtomicInteger();
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .settings(settings)
              .listener(
                  new SubscriberListener() {
                    @Override
                    public void lost(Set<TopicPartition> partitions) {
                      lost.addAll(partitions);
                    }
                  })
              .start(
                  delivery -> {
                    Thread.sleep(3_000);
                    handled.incrementAndGet();
                  })) {
        Await.until("committed", () -> users.committedSum() == 2);
      }
      assertThat(handled).hasValue(2);
      assertThat(lost).isEmpty();
    }
  }

  @Tag("slow")
  @Test
  void aPauseSurvivesARebalance(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 2)) {
      AtomicInteger handled = new AtomicInteger();
      try (HermesSubscriber first = users.subscriber().start(d -> handled.incrementAndGet())) {
        Await.until("assigned", () -> first.health().assigned().size() == 2);
        first.pause();
        try (HermesSubscriber second = users.subscriber().start(delivery -> {})) {
          Await.until("shared", () -> second.health().assigned().size() == 1);
        }
        Await.until("all again", () -> first.health().assigned().size() == 2);
        users.sendAll(10, 1);
        assertThat(first.health().state()).isEqualTo(SubscriberHealth.State.PAUSED);
        Await.until(
            "lag is known",
            () -> first.health().lag().values().stream().mapToLong(Long::longValue).sum() == 10);
        assertThat(handled).hasValue(0);
        first.resume();
        Await.until("handled", () -> handled.get() == 10);
      }
    }
  }

  @Test
  void aStaticMemberThatComesBackKeepsItsPartitions(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 2)) {
      KafkaSettings settings =
          users.settings().toBuilder().property("group.instance.id", "member-1").build();
      users.sendAll(4, 5);
      AtomicInteger handled = new AtomicInteger();
      for (int run = 1; run <= 2; run++) {
        int expected = 20 * run;
        try (HermesSubscriber subscriber =
            users.subscriber().settings(settings).start(d -> handled.incrementAndGet())) {
          Await.until("committed", () -> users.committedSum() == expected);
        }
        if (run == 1) {
          users.sendAll(4, 5);
        }
      }
      assertThat(handled).hasValue(40);
    }
  }

  @Test
  void whatIsHandledDuringARebalanceIsCommittedByAMemberThatClosesInIt(Kafka kafka)
      throws Exception {
    try (Users users = new Users(kafka, 2);
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        KafkaConsumer<byte[], byte[]> leader = member(users)) {
      leader.subscribe(List.of(users.topic().name()));
      pollUntil(leader, () -> leader.assignment().size() == 2);
      AtomicInteger handled = new AtomicInteger();
      HermesSubscriber subscriber = users.subscriber().start(d -> handled.incrementAndGet());
      pollUntil(leader, () -> subscriber.health().assigned().size() == 1);
      leader.enforceRebalance();
      leader.poll(Duration.ZERO);
      // All have joined; what the leader would say next, it says in its next poll.
      Await.until(
          "rebalancing", () -> stateOf(users.group(), admin) == GroupState.COMPLETING_REBALANCE);
      TopicPartition id = subscriber.health().assigned().iterator().next();
      for (int number = 0; number < 10; number++) {
        byte[] event = Users.event("user", number).toByteArray();
        users.send(new ProducerRecord<>(id.topic(), id.partition(), null, event)).get();
      }
      Await.until("handled", () -> handled.get() == 10);
      CompletableFuture<Boolean> closed =
          CompletableFuture.supplyAsync(() -> subscriber.close(Duration.ofSeconds(20)));
      Await.until("closing", () -> subscriber.health().state() == State.CLOSING);
      pollUntil(leader, closed::isDone);
      assertThat(closed).isCompletedWithValue(true);
      assertThat(users.committedSum()).isEqualTo(10);
    }
  }

  private static KafkaConsumer<byte[], byte[]> member(Users users) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", users.settings().bootstrapServers());
    config.put("group.id", users.group());
    config.put("enable.auto.commit", false);
    config.put("heartbeat.interval.ms", Users.HEARTBEAT_MS);
    config.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static void pollUntil(KafkaConsumer<?, ?> consumer, BooleanSupplier condition)
      throws Exception {
    Await.until(
        "polled for",
        () -> {
          consumer.poll(Duration.ofMillis(50));
          return condition.getAsBoolean();
        });
  }

  private static GroupState stateOf(String group, Admin admin) throws Exception {
    return admin
        .describeConsumerGroups(List.of(group))
        .all()
        .get()
        .values()
        .iterator()
        .next()
        .groupState();
  }
}
