package io.hermes.publish;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Message;
import io.hermes.HermesException;
import io.hermes.PublishException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.Topic;
import io.hermes.UnknownTopicException;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.read.HermesReader;
import io.hermes.testing.Events;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Broker;
import io.hermes.testkit.KafkaCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** Brokers that are killed, paused or gone while events are on their way. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
class PublisherFaultsTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final KafkaCluster kafka = KafkaCluster.start();
  private final Broker broker = kafka.broker(1);

  @AfterAll
  void close() {
    kafka.close();
  }

  private HermesPublisher.Builder<UserEvent> builder(Topic<UserEvent> topic) {
    return HermesPublisher.builder(topic).settings(KafkaSettings.of(kafka.bootstrapServers()));
  }

  @Tag("slow")
  @Test
  void aBrokerKilledAndStartedAgainCostsNoEventNorItsOrder() throws Exception {
    Topic<UserEvent> topic = Events.newTopic(kafka, 3);
    int events = 20_000;
    int users = 37;
    List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
    Thread outage =
        new Thread(
            () -> {
              broker.kill();
              broker.start();
            });
    try (var publisher = builder(topic).maxWait(TIMEOUT).open()) {
      for (int i = 0; i < events; i++) {
        if (i == events / 2) {
          outage.start();
        }
        receipts.add(publisher.publish(Events.login("user-" + i % users, i)));
      }
      publisher.flush(TIMEOUT);
    }
    outage.join();
    assertThat(receipts).noneMatch(CompletableFuture::isCompletedExceptionally);

    Map<String, List<Integer>> byUser = new HashMap<>();
    for (var record : RawRecords.readAll(kafka, topic.name())) {
      UserEvent event = UserEvent.parseFrom(record.value());
      byUser.computeIfAbsent(event.getUserId(), u -> new ArrayList<>()).add(Events.number(event));
    }
    for (int user = 0; user < users; user++) {
      int first = user;
      assertThat(byUser.get("user-" + user))
          .isEqualTo(IntStream.range(0, events).filter(i -> i % users == first).boxed().toList());
    }
  }

  @Test
  void closeEndsEveryFutureAsUnknownWhenTheBrokerDoesNotAnswer() {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    AtomicInteger observed = new AtomicInteger();
    var publisher = builder(topic).observer(counting(observed)).open();
    broker.pause();
    try {
      List<CompletableFuture<Receipt>> receipts = Events.publishLogins(publisher, "u", 100);
      long startNs = System.nanoTime();
      publisher.close(Duration.ofSeconds(1));
      assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(8));
      assertThat(receipts)
          .allSatisfy(
              receipt ->
                  assertThat(outcome(receipt))
                      .isInstanceOf(PublishUnknownException.class)
                      .hasMessageContaining("may or may not have been written to " + topic.name()));
      assertThat(observed).hasValue(100);
    } finally {
      broker.resume();
    }
  }

  private static PublisherObserver counting(AtomicInteger unknown) {
    return event ->
        new PublisherObserver.Publication() {
          @Override
          public void unknown(PublishUnknownException why) {
            unknown.incrementAndGet();
          }
        };
  }

  @Test
  void whatACloseWithoutTimeLeavesEndsOnOneThread() {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    List<CompletableFuture<?>> ends = new ArrayList<>();
    var publisher = builder(topic).open();
    broker.pause();
    try {
      for (int i = 0; i < 2_000; i++) {
        ends.add(
            publisher
                .publish(Events.login("u", i))
                .handle((receipt, failure) -> threads.add(Thread.currentThread())));
      }
      publisher.close(Duration.ZERO);
      assertThat(ends).allSatisfy(end -> assertThat(end).succeedsWithin(TIMEOUT));
    } finally {
      broker.resume();
    }
    assertThat(threads).hasSize(1);
  }

  @Test
  void aCloseEndsABulkAndNamesEveryEventOfUnknownOutcome() throws Exception {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    AtomicInteger observed = new AtomicInteger();
    var publisher = builder(topic).observer(counting(observed)).open();
    broker.pause();
    try {
      CompletableFuture<BulkResult> bulk =
          publisher.publishAll(IntStream.range(0, 2_000).mapToObj(i -> Events.login("u", i)));
      assertThat(bulk).isNotDone();
      publisher.close(Duration.ofSeconds(1));
      BulkResult result = bulk.get(30, SECONDS);
      assertThat(result.taken()).isEqualTo(2_000);
      assertThat(result.acknowledged()).isZero();
      assertThat(result.stopped()).isEmpty();
      assertThat(result.failures())
          .hasSize(2_000)
          .allMatch(failure -> failure.exception() instanceof PublishUnknownException);
      assertThat(result.failures())
          .extracting(BulkResult.Failure::index)
          .isEqualTo(LongStream.range(0, 2_000).boxed().toList());
      assertThat(observed).hasValue(2_000);
    } finally {
      broker.resume();
    }
  }

  @Test
  void anInterruptedCloseEndsFuturesAsUnknownAndKeepsTheFlag() {
    var publisher = builder(Events.newTopic(kafka, 1)).open();
    broker.pause();
    try {
      var receipt = publisher.publish(Events.login("u", 1));
      Thread.currentThread().interrupt();
      publisher.close();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(outcome(receipt)).isInstanceOf(PublishUnknownException.class);
    } finally {
      broker.resume();
    }
  }

  @Test
  void publishingWaitsForRoomAndIsThenRejectedWithTheFigures() {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    try (var publisher =
        builder(topic).maxInFlight(3, 1 << 20).maxWait(Duration.ofMillis(300)).open()) {
      broker.pause();
      try {
        var unused = Events.publishLogins(publisher, "u", 3);
        long startNs = System.nanoTime();
        PublishException full = outcome(publisher.publish(Events.login("u", 3)));
        assertThat(System.nanoTime() - startNs).isGreaterThan(Duration.ofMillis(299).toNanos());
        assertThat(full)
            .isInstanceOf(PublishRejectedException.class)
            .hasMessageContaining("No room within 300 ms: 3 records with ");
        assertThat(full.isRetryable()).isTrue();
        assertThat(publisher.tryPublish(Events.login("u", 4))).isCompletedExceptionally();

        Thread.currentThread().interrupt();
        PublishException interrupted = outcome(publisher.publish(Events.login("u", 5)));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(interrupted).isInstanceOf(PublishRejectedException.class);
      } finally {
        broker.resume();
      }
      publisher.flush(TIMEOUT);
    }
    assertThat(RawRecords.readAll(kafka, topic.name())).hasSize(3);
  }

  @Test
  void flushAndPublishAndWaitEndAtTheirDeadlines() {
    try (var publisher = builder(Events.newTopic(kafka, 1)).open()) {
      broker.pause();
      try {
        assertThatThrownBy(
                () -> publisher.publishAndWait(Events.login("u", 1), Duration.ofMillis(200)))
            .isInstanceOf(PublishUnknownException.class)
            .hasMessageContaining("No acknowledgement arrived within 200 ms.");
        assertThatThrownBy(() -> publisher.flush(Duration.ofMillis(200)))
            .isInstanceOf(HermesException.class)
            .hasMessageContaining("After 200 ms there is no outcome yet for 1 event.");
      } finally {
        broker.resume();
      }
      publisher.flush(TIMEOUT);
    }
  }

  @Tag("slow")
  @Test
  void whatKafkaCannotDeliverInTimeEndsAsUnknown() {
    try (var publisher =
        builder(Events.newTopic(kafka, 1)).deliveryTimeout(Duration.ofSeconds(11)).open()) {
      broker.kill();
      try {
        var receipt = publisher.publish(Events.login("u", 1));
        assertThat(outcome(receipt)).isInstanceOf(PublishUnknownException.class);
      } finally {
        broker.start();
      }
    }
  }

  /** What KAFKA-19012 was: memory of a batch that expired went into a batch of another topic. */
  @Tag("full")
  @Test
  void whatExpiresOnItsWayReachesNoOtherTopic() throws Exception {
    Topic<UserEvent> users = Events.newTopic(kafka, 1);
    Topic<PaymentEvent> payments =
        Topic.of(PaymentEvent.class).withName(kafka.uniqueTopic("payments", 1));
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("request.timeout.ms", 1000)
            .build();
    List<CompletableFuture<Receipt>> expired = new ArrayList<>();
    try (var publisher =
        HermesPublisher.builder()
            .topic(users)
            .topic(payments)
            .settings(settings)
            .deliveryTimeout(Duration.ofSeconds(2))
            .open()) {
      for (int round = 0; round < 3; round++) {
        publisher.publish(Events.login("u", round)).get(60, SECONDS); // connected
        broker.pause();
        try {
          // More than the connection takes: one of its batches is on its way, the others wait.
          for (int i = 0; i < 200; i++) {
            expired.add(publisher.publish(Events.login(noise(), i)));
          }
          publisher.flush(TIMEOUT);
          for (int i = 0; i < 200; i++) {
            var unused =
                publisher.publish(
                    PaymentEvent.newBuilder().setPaymentId("p").setEventId(noise()).build());
          }
        } finally {
          broker.resume();
        }
        publisher.flush(TIMEOUT);
      }
    }
    assertThat(expired).anyMatch(CompletableFuture::isCompletedExceptionally);
    requireKeys(users, UserEvent::getUserId);
    requireKeys(payments, PaymentEvent::getPaymentId);
  }

  /** 20 kB that nothing makes smaller. */
  private static String noise() {
    byte[] bytes = new byte[15_000];
    ThreadLocalRandom.current().nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** Each record of the topic is an event of its type, with the record's key. */
  private <M extends Message> void requireKeys(Topic<M> topic, Function<M, String> key) {
    try (var reader =
        HermesReader.builder(topic)
            .settings(KafkaSettings.of(kafka.bootstrapServers()))
            .toEnd()
            .open()) {
      assertThat(reader)
          .isNotEmpty()
          .allSatisfy(record -> assertThat(key.apply(record.event())).isEqualTo(record.key()));
    }
  }

  @Test
  void aTopicThatWasDeletedIsNamedWithinFiveSecondsOrSo() throws Exception {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("metadata.max.age.ms", 100)
            .build();
    var publisher = HermesPublisher.builder(topic).settings(settings).open();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin.deleteTopics(List.of(topic.name())).all().get(10, SECONDS);
      @Nullable PublishException outcome;
      long startNs;
      do {
        // Until the producer has noticed, it takes events, and their outcome stays unknown.
        startNs = System.nanoTime();
        var receipt = publisher.publish(Events.login("u", 1));
        outcome = receipt.isDone() ? outcome(receipt) : null;
      } while (outcome == null);
      assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(15));
      assertThat(outcome).isInstanceOf(PublishRejectedException.class);
      assertThat(outcome.getCause()).isInstanceOf(UnknownTopicException.class);
      PublishException notReady = outcome(publisher.tryPublish(Events.login("u", 2)));
      assertThat(notReady)
          .isInstanceOf(PublishRejectedException.class)
          .hasMessageContaining("call does not wait");
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    } finally {
      publisher.close(Duration.ZERO);
    }
  }

  private static PublishException outcome(CompletableFuture<Receipt> receipt) {
    Throwable thrown = catchThrowable(() -> receipt.get(60, SECONDS));
    assertThat(thrown).hasCauseInstanceOf(PublishException.class);
    return (PublishException) Objects.requireNonNull(thrown.getCause());
  }
}
