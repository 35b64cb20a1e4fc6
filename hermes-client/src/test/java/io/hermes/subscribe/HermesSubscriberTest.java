package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.hermes.BrokerUnavailableException;
import io.hermes.EventHeaders;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.UnknownTopicException;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

@KafkaTest
@SuppressWarnings("try") // a subscriber that only runs
class HermesSubscriberTest {

  private static final Duration TEN = Duration.ofSeconds(10);

  @Test
  void handlesEveryEventOnceInTheOrderOfItsKey(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 3)) {
      users.sendAll(20, 50);
      Map<String, Queue<String>> seen = new ConcurrentHashMap<>();
      AtomicInteger count = new AtomicInteger();
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .start(
                  delivery -> {
                    seen.computeIfAbsent(
                            delivery.event().getUserId(), user -> new ConcurrentLinkedQueue<>())
                        .add(delivery.event().getEventId());
                    count.incrementAndGet();
                  })) {
        Await.until("all handled", () -> count.get() >= 1000);
        Await.until("all committed", () -> users.committedSum() == 1000);
        assertThat(subscriber.health().isHealthy()).isTrue();
      }
      List<String> numbers = IntStream.range(0, 50).mapToObj(Integer::toString).toList();
      assertThat(seen).hasSize(20);
      seen.values().forEach(ofUser -> assertThat(ofUser).containsExactlyElementsOf(numbers));
    }
  }

  @Test
  void retriesAndThenWritesTheOriginalRecordToTheDeadLetterTopic(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.send("bad", 1).get();
      users.send("good", 2).get();
      users.send("bad", 3).get();
      List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
      ErrorPolicy policy = ErrorPolicy.retry(3).backoff(Duration.ofMillis(5), Duration.ofMillis(5));
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .onError(policy)
              .start(
                  delivery -> {
                    String id = delivery.event().getEventId();
                    seen.add(id + "/" + delivery.attempt());
                    if (id.equals("1")) {
                      throw new IllegalStateException("no such account");
                    }
                  })) {
        Await.until("all committed", () -> users.committedSum() == 3);
        assertThat(subscriber.health().waitingDeadLetters()).isZero();
      }
      assertThat(seen).contains("1/1", "1/2", "1/3", "2/1", "3/1").hasSize(5);
      assertThat(seen.indexOf("3/1")).isGreaterThan(seen.indexOf("1/3"));
      List<ConsumerRecord<byte[], byte[]>> letters = users.deadLetters();
      assertThat(letters).hasSize(1);
      ConsumerRecord<byte[], byte[]> letter = letters.get(0);
      assertThat(letter.value()).isEqualTo(Users.event("bad", 1).toByteArray());
      assertThat(Users.text(letter.key())).isEqualTo("bad");
      assertThat(header(letter, EventHeaders.MESSAGE_TYPE)).isEqualTo("hermes.events.v1.UserEvent");
      assertThat(header(letter, DeadLetterHeaders.TOPIC)).isEqualTo(users.topic().name());
      assertThat(header(letter, DeadLetterHeaders.OFFSET)).isEqualTo("0");
      assertThat(header(letter, DeadLetterHeaders.GROUP)).isEqualTo(users.group());
      assertThat(header(letter, DeadLetterHeaders.ATTEMPTS)).isEqualTo("3");
      assertThat(header(letter, DeadLetterHeaders.EXCEPTION))
          .isEqualTo("java.lang.IllegalStateException");
      assertThat(header(letter, DeadLetterHeaders.MESSAGE)).isEqualTo("no such account");
    }
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return String.valueOf(EventHeaders.text(record.headers(), name));
  }

  @Test
  void whatCannotBeDecodedGoesToTheDeadLettersAtOnceWithItsBytes(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      byte[] broken = {0x0a, 0x7f, 1, 2};
      users.send(users.record("user-1", broken)).get();
      users.send("user-1", 1).get();
      AtomicInteger handled = new AtomicInteger();
      try (HermesSubscriber subscriber =
          users.subscriber().start(delivery -> handled.incrementAndGet())) {
        Await.until("both committed", () -> users.committedSum() == 2);
      }
      assertThat(handled).hasValue(1);
      assertThat(users.deadLetters()).hasSize(1);
      assertThat(users.deadLetters().get(0).value()).isEqualTo(broken);
    }
  }

  @Test
  void aBlockedKeyBlocksNoOtherAndNothingIsCommittedPastIt(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.send("slow", 0).get();
      users.sendAll(10, 20);
      CountDownLatch release = new CountDownLatch(1);
      AtomicInteger others = new AtomicInteger();
      AtomicInteger slow = new AtomicInteger();
      SubscriberBuilder<UserEvent> builder = users.subscriber().concurrency(2);
      try (HermesSubscriber subscriber =
          builder.start(
              delivery -> {
                if (delivery.event().getUserId().equals("slow")) {
                  release.await();
                  slow.incrementAndGet();
                } else {
                  others.incrementAndGet();
                }
              })) {
        Await.until("all others handled", () -> others.get() == 200);
        Await.until("all others are in the commit", () -> finishedAhead(users) == 200);
        assertThat(users.committedSum()).isZero();
        assertThat(subscriber.close(Duration.ofMillis(500))).isFalse();
      }
      assertThat(slow).hasValue(0);
      // After the restart only the slow one is handled.
      release.countDown();
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .start(
                  delivery -> {
                    if (delivery.event().getUserId().equals("slow")) {
                      slow.incrementAndGet();
                    } else {
                      others.incrementAndGet();
                    }
                  })) {
        Await.until("all committed", () -> users.committedSum() == 201);
      }
      assertThat(slow).hasValue(1);
      assertThat(others).hasValue(200);
    }
  }

  /** How many records the group's commit says are finished behind those that are not. */
  private static long finishedAhead(Users users) throws Exception {
    String topic = users.topic().name();
    try (Admin admin =
        Admin.create(Map.of("bootstrap.servers", users.settings().bootstrapServers()))) {
      String cluster = admin.describeCluster().clusterId().get(30, TimeUnit.SECONDS);
      Uuid id =
          Objects.requireNonNull(
                  admin
                      .describeTopics(List.of(topic))
                      .allTopicNames()
                      .get(30, TimeUnit.SECONDS)
                      .get(topic))
              .topicId();
      return users.committed().values().stream()
          .mapToLong(commit -> CommittedOffset.of(commit, cluster, id).finishedAhead(0))
          .sum();
    }
  }

  @Test
  void anAsynchronousHandlerAcksWhenItsStageCompletes(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.send("user-1", 1).get();
      users.send("user-1", 2).get();
      CompletableFuture<String> first = new CompletableFuture<>();
      List<String> started = new java.util.concurrent.CopyOnWriteArrayList<>();
      try (HermesSubscriber subscriber =
          HermesSubscriber.builder()
              .settings(users.settings())
              .group(users.group())
              .onAsync(
                  users.topic(),
                  delivery -> {
                    started.add(delivery.event().getEventId());
                    return started.size() == 1 ? first : CompletableFuture.completedFuture("");
                  })
              .start()) {
        Await.until("the first started", () -> started.size() == 1);
        Await.until("nothing is committed", () -> users.committed().size() <= 1);
        assertThat(users.committedSum()).isZero();
        first.complete("");
        Await.until("both committed", () -> users.committedSum() == 2);
      }
      assertThat(started).containsExactly("1", "2");
    }
  }

  @Test
  void aBatchThatFailsInTheMiddleAcksWhatIsBeforeAndComesAgainFromThere(Kafka kafka)
      throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.sendAll(5, 4);
      List<List<Long>> batches = new java.util.concurrent.CopyOnWriteArrayList<>();
      ErrorPolicy policy = ErrorPolicy.retry(5).backoff(Duration.ofMillis(5), Duration.ofMillis(5));
      try (HermesSubscriber subscriber =
          HermesSubscriber.builder()
              .settings(users.settings())
              .group(users.group())
              .onError(policy)
              .onBatch(
                  users.topic(),
                  8,
                  deliveries -> {
                    batches.add(deliveries.stream().map(d -> d.record().offset()).toList());
                    int at = batches.get(batches.size() - 1).indexOf(5L);
                    if (at >= 0 && deliveries.get(at).attempt() == 1) {
                      throw BatchFailure.at(at, new IllegalStateException("five"));
                    }
                  })
              .start()) {
        Await.until("all committed", () -> users.committedSum() == 20);
      }
      List<Long> flat = batches.stream().flatMap(List::stream).toList();
      assertThat(flat.stream().distinct().count()).isEqualTo(20);
      assertThat(flat.stream().filter(offset -> offset < 5)).hasSize(5);
      assertThat(flat.stream().filter(offset -> offset == 5)).hasSize(2);
      assertThat(batches).allMatch(batch -> batch.size() <= 8);
    }
  }

  @Test
  void tombstonesAndOtherTypesNeverReachTheHandlerAsEvents(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.send(users.record("user-1", null)).get();
      ProducerRecord<byte[], byte[]> foreign = users.record("user-2", Users.bytes("x"));
      foreign.headers().add(EventHeaders.MESSAGE_TYPE, Users.bytes("other.Type"));
      users.send(foreign).get();
      users.send("user-3", 3).get();
      Set<String> events = ConcurrentHashMap.newKeySet();
      Set<String> tombstones = ConcurrentHashMap.newKeySet();
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .ignoreOtherTypes()
              .onTombstone(users.topic(), delivery -> tombstones.add(delivery.record().key()))
              .start(delivery -> events.add(delivery.event().getUserId()))) {
        Await.until("all committed", () -> users.committedSum() == 3);
        assertThat(subscriber.health().counts().ignored()).isEqualTo(1);
      }
      assertThat(events).containsExactly("user-3");
      assertThat(tombstones).containsExactly("user-1");
    }
  }

  @Test
  void aTypeWithoutAHandlerGoesToTheErrorPolicy(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      ProducerRecord<byte[], byte[]> foreign = users.record("user-2", Users.bytes("x"));
      foreign.headers().add(EventHeaders.MESSAGE_TYPE, Users.bytes("other.Type"));
      users.send(foreign).get();
      try (HermesSubscriber subscriber = users.subscriber().start(delivery -> {})) {
        Await.until("committed", () -> users.committedSum() == 1);
      }
      assertThat(header(users.deadLetters().get(0), DeadLetterHeaders.MESSAGE))
          .contains("other.Type", "ignoreOtherTypes()");
    }
  }

  @Test
  void anErrorStopsTheSubscriberAndItsRecordIsNotCommitted(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.send("user-1", 1).get();
      HermesSubscriber subscriber =
          users
              .subscriber()
              .start(
                  delivery -> {
                    throw new AssertionError("a bug");
                  });
      assertThatThrownBy(() -> subscriber.completion().get(20, TimeUnit.SECONDS))
          .rootCause()
          .hasMessage("a bug");
      assertThat(subscriber.health().state()).isEqualTo(SubscriberHealth.State.FAILED);
      assertThat(subscriber.health().isHealthy()).isFalse();
      assertThat(users.committedSum()).isZero();
    }
  }

  @Test
  void drainFinishesWhatWasReceived(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 2)) {
      users.sendAll(4, 25);
      AtomicInteger handled = new AtomicInteger();
      HermesSubscriber subscriber =
          users
              .subscriber()
              .start(
                  delivery -> {
                    Thread.sleep(2);
                    handled.incrementAndGet();
                  });
      Await.until("some handled", () -> handled.get() > 0);
      assertThat(subscriber.drain(TEN)).isTrue();
      assertThat(subscriber.health().state()).isEqualTo(SubscriberHealth.State.CLOSED);
      assertThat(users.committedSum()).isEqualTo(handled.get());
    }
  }

  @Test
  void closeFromAHandlerReturnsAtOnceAndClosesAfterIt(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.send("user-1", 1).get();
      CompletableFuture<HermesSubscriber> self = new CompletableFuture<>();
      HermesSubscriber subscriber = users.subscriber().start(delivery -> self.get().close());
      self.complete(subscriber);
      subscriber.completion().get(20, TimeUnit.SECONDS);
      assertThat(users.committedSum()).isEqualTo(1);
    }
  }

  @Test
  void startsAtTheEndIfAsked(Kafka kafka) throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.send("user-1", 1).get();
      List<String> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .from(StartAt.latest())
              .start(delivery -> seen.add(delivery.event().getEventId()))) {
        Await.until("positioned", () -> users.committedSum() == 1);
        users.send("user-1", 2).get();
        Await.until("handled", () -> users.committedSum() == 2);
      }
      assertThat(seen).containsExactly("2");
    }
  }

  @Test
  void aMissingBrokerAnUnknownTopicAndACallerRunsExecutorAreRefusedAtStart(Kafka kafka) {
    KafkaSettings nowhere =
        KafkaSettings.builder()
            .bootstrapServers("localhost:1")
            .openTimeout(Duration.ofMillis(300))
            .build();
    SubscriberBuilder<Message> builder =
        HermesSubscriber.builder().group("g").on(Users.topicOf("no-such-topic"), delivery -> {});
    assertThatThrownBy(() -> builder.settings(nowhere).start())
        .isInstanceOf(BrokerUnavailableException.class);
    KafkaSettings here = KafkaSettings.of(kafka.bootstrapServers());
    assertThatThrownBy(() -> builder.settings(here).start())
        .isInstanceOf(UnknownTopicException.class)
        .hasMessageContaining("no-such-topic");
    assertThatThrownBy(() -> builder.executor(Runnable::run).start())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("on the calling thread");
  }
}
