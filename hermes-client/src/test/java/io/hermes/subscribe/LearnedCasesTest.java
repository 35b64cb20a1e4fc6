package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicPattern;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases of data, offsets and retries that other libraries learned the hard way. */
@KafkaTest
@Timeout(60)
@SuppressWarnings("try") // a subscriber that only runs
class LearnedCasesTest {

  private static final ErrorPolicy QUICK =
      ErrorPolicy.retry(3).backoff(Duration.ofMillis(1), Duration.ofMillis(1));

  private final Kafka kafka;

  LearnedCasesTest(Kafka kafka) {
    this.kafka = kafka;
  }

  private static ProducerRecord<byte[], byte[]> record(
      Users users, int partition, String key, byte[] value) {
    return new ProducerRecord<>(users.topic().name(), partition, Users.bytes(key), value);
  }

  @Test
  void attemptsAreCountedForEachRecordAlone() throws Exception {
    try (Users users = new Users(kafka, 2)) {
      for (int partition = 0; partition < 2; partition++) { // the same key at the same offset
        byte[] value = Users.event("user", partition).toByteArray();
        users.send(record(users, partition, "user", value)).get();
      }
      Set<String> seen = ConcurrentHashMap.newKeySet();
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .onError(QUICK)
              .start(
                  delivery -> {
                    seen.add(delivery.record().partition() + "/" + delivery.attempt());
                    if (delivery.attempt() < 3) {
                      throw new IllegalStateException("again");
                    }
                  })) {
        Await.until("all committed", () -> users.committedSum() == 2);
      }
      assertThat(seen).containsExactlyInAnyOrder("0/1", "0/2", "0/3", "1/1", "1/2", "1/3");
      assertThat(users.deadLetters()).isEmpty();
    }
  }

  @Test
  void theSameKeyInTwoTopicsIsTwoKeysAndNoKeyWaitsForNobody() throws Exception {
    try (Users users = new Users(kafka, 1);
        Users other = new Users(kafka, 1)) {
      CountDownLatch release = new CountDownLatch(1);
      Set<String> handled = ConcurrentHashMap.newKeySet();
      byte[] event = Users.event("user", 1).toByteArray();
      users.send(users.record("user", event)).get();
      users.send(users.record(null, event)).get();
      other.send(other.record("user", event)).get();
      other.send(other.record(null, event)).get();
      other.send(other.record(null, event)).get();
      try (HermesSubscriber subscriber =
          HermesSubscriber.builder()
              .settings(users.settings())
              .group(users.group())
              .concurrency(3)
              .on(users.topic(), delivery -> release.await())
              .on(other.topic(), delivery -> handled.add("other@" + delivery.record().offset()))
              .start()) {
        Await.until("the other topic's", () -> handled.size() == 3);
        Await.until("the other topic's commit", () -> users.committedSum() == 3);
        release.countDown();
        Await.until("all committed", () -> users.committedSum() == 5);
      }
    }
  }

  @Test
  void anEmptyValueIsAnEventAndNoTombstone() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      users.send(users.record("user", new byte[0])).get();
      List<UserEvent> events = new CopyOnWriteArrayList<>();
      try (HermesSubscriber subscriber =
          users.subscriber().start(delivery -> events.add(delivery.event()))) {
        Await.until("committed", () -> users.committedSum() == 1);
      }
      assertThat(events).containsExactly(UserEvent.getDefaultInstance());
    }
  }

  @Test
  void aDeadLetterTopicNeedNotHaveAsManyPartitions() throws Exception {
    try (Users users = new Users(kafka, 3)) {
      kafka.createTopic(DeadLetterHeaders.topicOf(users.topic().name()), 1);
      for (int partition = 0; partition < 3; partition++) {
        users.send(record(users, partition, "user", new byte[] {0x0a, 0x7f})).get();
      }
      try (HermesSubscriber subscriber = users.subscriber().start(delivery -> {})) {
        Await.until("all committed", () -> users.committedSum() == 3);
      }
      assertThat(users.deadLetters()).hasSize(3);
    }
  }

  @Test
  void whatIsGoneFromTheLogIsPassedOverAndAllThatIsLeftIsHandled() throws Exception {
    try (Users users = new Users(kafka, 1);
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      users.sendAll(1, 10);
      TopicPartition id = new TopicPartition(users.topic().name(), 0);
      admin.deleteRecords(Map.of(id, RecordsToDelete.beforeOffset(5))).all().get();
      for (long committed : new long[] {2, 99}) { // before the beginning, behind the end
        admin
            .alterConsumerGroupOffsets(users.group(), Map.of(id, new OffsetAndMetadata(committed)))
            .all()
            .get();
        List<Long> handled = new CopyOnWriteArrayList<>();
        try (HermesSubscriber subscriber =
            users.subscriber().start(delivery -> handled.add(delivery.record().offset()))) {
          Await.until("all committed", () -> users.committedSum() == 10);
          assertThat(subscriber.health().isHealthy()).isTrue();
        }
        assertThat(handled).containsExactly(5L, 6L, 7L, 8L, 9L);
      }
    }
  }

  @Test
  void commitsPastTransactionMarkersAndNeverHandlesWhatWasAborted() throws Exception {
    try (Users users = new Users(kafka, 1);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of(
                    "bootstrap.servers", kafka.bootstrapServers(), "transactional.id", "learned"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      producer.initTransactions();
      for (int number = 0; number < 3; number++) {
        producer.beginTransaction();
        producer.send(users.record("user", Users.event("user", number).toByteArray())).get();
        if (number == 1) {
          producer.abortTransaction();
        } else {
          producer.commitTransaction();
        }
      }
      List<String> handled = new CopyOnWriteArrayList<>();
      try (HermesSubscriber subscriber =
          users.subscriber().start(delivery -> handled.add(delivery.event().getEventId()))) {
        Await.until("committed behind the last marker", () -> users.committedSum() == 6);
      }
      assertThat(handled).containsExactly("0", "2");
    }
  }

  @Test
  void whatIsInFlightIsBoundedInBytes() throws Exception {
    try (Users users = new Users(kafka, 1)) {
      UserEvent large = Users.event("user", 1).toBuilder().setEventId("x".repeat(10_000)).build();
      List<String> reasons = new CopyOnWriteArrayList<>();
      for (int i = 0; i < 60; i++) {
        users.send(users.record("user-" + i, large.toByteArray())).get();
      }
      CountDownLatch release = new CountDownLatch(1);
      AtomicInteger handled = new AtomicInteger();
      SubscriberListener listener =
          new SubscriberListener() {
            @Override
            public void paused(TopicPartition partition, String reason) {
              reasons.add(reason);
            }
          };
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .settings(users.settings().toBuilder().property("max.poll.records", 3).build())
              .maxInFlight(10_000, 100_000)
              .listener(listener)
              .start(
                  delivery -> {
                    release.await();
                    handled.incrementAndGet();
                  })) {
        Await.until("paused", () -> !reasons.isEmpty());
        assertThat(reasons.get(0)).contains("bytes");
        Await.until("counted", () -> subscriber.health().inFlightBytes() >= 100_000);
        assertThat(subscriber.health().inFlightBytes()).isLessThan(140_000);
        release.countDown();
        Await.until("all committed", () -> users.committedSum() == 60);
        Await.until("empty", () -> subscriber.health().inFlightBytes() == 0);
      }
      assertThat(handled).hasValue(60);
    }
  }

  @Test
  void aDeadLetterThatDiesAgainGoesToATopicOfItsOwn() {
    assertThat(DeadLetterHeaders.topicOf("orders-dlt")).isNotEqualTo("orders-dlt");
    assertThat(
            TopicPattern.without("-dlt", java.util.regex.Pattern.compile(".*"))
                .names()
                .asMatchPredicate())
        .rejects("orders-dlt", "orders-dlt-dlt")
        .accepts("orders", "orders-dlt-x");
  }

  @Test
  void wrongSettingsAreRefusedByName() {
    List<SubscriberBuilder<?>> wrong = new ArrayList<>();
    wrong.add(HermesSubscriber.builder(UserEvent.class).on(UserEvent.class, delivery -> {}));
    wrong.add(HermesSubscriber.builder().group("g"));
    wrong.add(
        HermesSubscriber.builder()
            .group("g")
            .on(UserEvent.class, delivery -> {})
            .onAsync(UserEvent.class, d -> CompletableFuture.completedFuture("")));
    wrong.add(
        HermesSubscriber.builder()
            .group("g")
            .on(UserEvent.class, delivery -> {})
            .topics(List.of("a"))
            .topics(java.util.regex.Pattern.compile("a")));
    List<String> messages = List.of("Call group(name)", "needs a handler", "two handlers", "both");
    for (int i = 0; i < wrong.size(); i++) {
      assertThatThrownBy(wrong.get(i)::start)
          .isInstanceOf(io.hermes.SettingsException.class)
          .hasMessageContaining(messages.get(i));
    }
    assertThatThrownBy(() -> HermesSubscriber.builder(com.google.protobuf.StringValue.class))
        .isInstanceOf(io.hermes.ContractException.class)
        .hasMessageContaining("StringValue");
    assertThatThrownBy(() -> HermesSubscriber.builder().concurrency(0))
        .isInstanceOf(io.hermes.SettingsException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 60})
  void aRecreatedTopicIsHandledFromItsBeginning(int events) throws Exception {
    try (Users users = new Users(kafka, 1);
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      users.sendAll(1, 30);
      Set<Integer> handled = ConcurrentHashMap.newKeySet();
      KafkaSettings looksOften =
          users.settings().toBuilder().property("metadata.max.age.ms", 300).build();
      CountDownLatch release = new CountDownLatch(1);
      SubscriberListener holdsThePollThread =
          new SubscriberListener() {
            @Override
            public void committed(Map<TopicPartition, Long> offsets) {
              if (offsets.containsValue(30L)) {
                Await.latch(release);
              }
            }
          };
      try (HermesSubscriber subscriber =
          users
              .subscriber()
              .settings(looksOften)
              .listener(holdsThePollThread)
              .start(d -> handled.add(Integer.parseInt(d.event().getEventId())))) {
        Await.until("committed", () -> users.committedSum() == 30);
        Set<Integer> recreated = recreate(users.topic().name(), events, admin);
        release.countDown();
        Await.until("all handled", () -> handled.containsAll(recreated));
        Await.until("healthy", () -> subscriber.health().isHealthy());
      }
    }
  }

  @Test
  void commitsOfADeletedTopicAreNotUsedForTheRecreatedOne() throws Exception {
    try (Users users = new Users(kafka, 1);
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      users.sendAll(1, 30);
      try (HermesSubscriber subscriber = users.subscriber().start(delivery -> {})) {
        Await.until("committed", () -> users.committedSum() == 30);
      }
      Map<TopicPartition, OffsetAndMetadata> committed = users.committed();
      Set<Integer> recreated = recreate(users.topic().name(), 60, admin);
      // As a member commits that has not noticed: with the topic, Kafka deleted what was committed.
      admin.alterConsumerGroupOffsets(users.group(), committed).all().get();
      Set<Integer> handled = ConcurrentHashMap.newKeySet();
      try (HermesSubscriber subscriber =
          users.subscriber().start(d -> handled.add(Integer.parseInt(d.event().getEventId())))) {
        Await.until("committed", () -> users.committedSum() == 60);
      }
      assertThat(handled).isEqualTo(recreated);
    }
  }

  /** Deletes the topic, and fills another one of that name with so many events. */
  private Set<Integer> recreate(String topic, int events, Admin admin) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get();
    recreate(topic);
    Set<Integer> numbers = new HashSet<>();
    try (Users again = new Users(kafka.bootstrapServers(), topic)) {
      for (int number = 1000; number < 1000 + events; number++) {
        again.send("user-0", number).get();
        numbers.add(number);
      }
    }
    return numbers;
  }

  private void recreate(String topic) {
    while (true) {
      try {
        kafka.createTopic(topic, 1);
        return;
      } catch (TopicExistsException stillThere) {
        Thread.onSpinWait();
      }
    }
  }
}
