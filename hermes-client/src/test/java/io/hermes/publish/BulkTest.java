package io.hermes.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import io.hermes.HermesException;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Events;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code publishAll}: one answer for many events. */
@KafkaTest
@Timeout(60)
class BulkTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final Kafka kafka;
  private final Topic<UserEvent> topic;

  BulkTest(Kafka kafka) {
    this.kafka = kafka;
    this.topic = Events.newTopic(kafka, 3);
  }

  private HermesPublisher.Builder<UserEvent> builder() {
    return HermesPublisher.builder(topic).settings(KafkaSettings.of(kafka.bootstrapServers()));
  }

  private static Stream<UserEvent> logins(int count) {
    return IntStream.range(0, count).mapToObj(i -> Events.login("user-" + i % 7, i));
  }

  @Test
  void writesEveryEventInTheOrderOfItsKeyAndAnswersOnce() throws Exception {
    try (var publisher = builder().open()) {
      BulkResult result = publisher.publishAll(logins(20_000)).get(30, SECONDS);
      assertThat(result.isComplete()).isTrue();
      assertThat(result.taken()).isEqualTo(20_000);
      assertThat(result.acknowledged()).isEqualTo(20_000);
    }
    Map<String, List<Integer>> numbers = new HashMap<>();
    for (var record : RawRecords.readAll(kafka, topic.name())) {
      UserEvent event = UserEvent.parseFrom(record.value());
      numbers.computeIfAbsent(event.getUserId(), u -> new ArrayList<>()).add(Events.number(event));
    }
    assertThat(numbers).hasSize(7);
    assertThat(numbers.values().stream().mapToInt(List::size).sum()).isEqualTo(20_000);
    assertThat(numbers.values()).allSatisfy(each -> assertThat(each).isSorted());
  }

  @Test
  void ofNothingIsCompleteAtOnce() {
    try (var publisher = builder().open()) {
      assertThat(publisher.publishAll(List.of()))
          .isCompletedWithValueMatching(result -> result.isComplete() && result.taken() == 0);
      publisher.flush(Duration.ZERO);
    }
  }

  @Test
  void namesEachRejectedEventAndGoesOn() throws Exception {
    List<UserEvent> events = new ArrayList<>(logins(50).toList());
    events.set(10, Events.login("", 10));
    events.set(30, Events.login("u", 30).toBuilder().setEventId("x".repeat(2 << 20)).build());
    try (var publisher = builder().open()) {
      BulkResult result = publisher.publishAll(events).get(30, SECONDS);
      assertThat(result.acknowledged()).isEqualTo(48);
      assertThat(result.stopped()).isEmpty();
      assertThat(result.failures()).extracting(BulkResult.Failure::index).containsExactly(10L, 30L);
      assertThat(result.failures())
          .noneMatch(failure -> failure.exception() instanceof PublishUnknownException);
      assertThat(result.failures().get(0).exception()).hasMessageContaining("empty user_id");
      assertThat(result.failures().get(1).exception()).hasMessageContaining("max.request.size");
    }
    assertThat(RawRecords.readAll(kafka, topic.name())).hasSize(48);
  }

  @Test
  void takesHeadersForEachEvent() throws Exception {
    try (var publisher = builder().open()) {
      publisher
          .publishAll(logins(3).iterator(), event -> header("trace", event.getEventId()))
          .get(30, SECONDS);
    }
    assertThat(RawRecords.readAll(kafka, topic.name()))
        .hasSize(3)
        .allSatisfy(
            record ->
                assertThat(new String(record.headers().lastHeader("trace").value(), UTF_8))
                    .isEqualTo(UserEvent.parseFrom(record.value()).getEventId()));
  }

  @Test
  void servesSeveralTypesInOneOrder() throws Exception {
    Topic<UserEvent> users = Events.newTopic(kafka, 1);
    Topic<StringValue> notes =
        Topic.builder(StringValue.class, users.name()).keyField("value").shared().build();
    try (HermesPublisher<Message> publisher =
        HermesPublisher.builder()
            .topic(users)
            .topic(notes)
            .settings(KafkaSettings.of(kafka.bootstrapServers()))
            .open()) {
      var events = List.of(Events.login("u", 1), StringValue.of("n"), Events.login("u", 2));
      assertThat(publisher.publishAll(events).get(30, SECONDS).isComplete()).isTrue();
    }
    assertThat(RawRecords.readAll(kafka, users.name()))
        .extracting(
            record -> new String(record.headers().lastHeader("message-type").value(), UTF_8))
        .containsExactly(
            "hermes.events.v1.UserEvent",
            "google.protobuf.StringValue",
            "hermes.events.v1.UserEvent");
  }

  @Test
  void takesAnEventOnlyWhenThereIsRoom() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    List<Integer> taken = new ArrayList<>();
    try (var publisher =
        builder().maxInFlight(10, 1 << 20).maxWait(Duration.ofMillis(300)).open()) {
      // The acknowledgement thread stands still, so what futures have waits, and keeps its room.
      CountDownLatch blocked = new CountDownLatch(1);
      CompletableFuture<Void> blocking =
          publisher
              .publish(Events.login("first", 0))
              .thenRun(
                  () -> {
                    blocked.countDown();
                    awaitUninterruptibly(release);
                  });
      blocked.await();
      List<CompletableFuture<Receipt>> waiting = new ArrayList<>();
      while (waiting.isEmpty() || !waiting.get(waiting.size() - 1).isCompletedExceptionally()) {
        waiting.add(publisher.tryPublish(Events.login("u", waiting.size())));
      }
      BulkResult result =
          publisher.publishAll(logins(100).peek(e -> taken.add(1))).get(30, SECONDS);
      assertThat(result.taken()).isEqualTo(1);
      assertThat(taken).hasSize(1);
      assertThat(result.failures()).hasSize(1);
      assertThat(result.stopped()).get().isInstanceOf(PublishRejectedException.class);
      assertThat(result.stopped().orElseThrow().isRetryable()).isTrue();
      release.countDown();
      blocking.get(10, SECONDS);
      assertThat(publisher.publishAll(logins(100)).get(30, SECONDS).isComplete()).isTrue();
    }
  }

  @Test
  void stopsWhereItsSourceFailsAndSaysWhere() throws Exception {
    try (var publisher = builder().open()) {
      IllegalStateException broken = new IllegalStateException("the cursor was closed");
      BulkResult result =
          publisher
              .publishAll(
                  logins(100)
                      .peek(
                          e -> {
                            if (Events.number(e) == 40) {
                              throw broken;
                            }
                          }))
              .get(30, SECONDS);
      assertThat(result.taken()).isEqualTo(40);
      assertThat(result.acknowledged()).isEqualTo(40);
      assertThat(result.failures()).isEmpty();
      assertThat(result.stopped()).get().extracting(Throwable::getCause).isSameAs(broken);
      publisher.flush(TIMEOUT);
    }
    assertThat(RawRecords.readAll(kafka, topic.name())).hasSize(40);
  }

  @Test
  void anErrorOfItsSourceIsThrownAndNothingIsLeftHanging() {
    try (var publisher = builder().open()) {
      Error error = new StackOverflowError();
      Iterator<UserEvent> source =
          logins(5)
              .peek(
                  e -> {
                    if (Events.number(e) == 3) {
                      throw error;
                    }
                  })
              .iterator();
      assertThat(catchThrowable(() -> publisher.publishAll(source))).isSameAs(error);
      publisher.flush(TIMEOUT);
    }
    assertThat(RawRecords.readAll(kafka, topic.name())).hasSize(3);
  }

  @Test
  void stopsAfterAThousandFailures() throws Exception {
    try (var publisher = builder().open()) {
      Stream<UserEvent> withoutKeys =
          IntStream.iterate(0, i -> i + 1).mapToObj(i -> Events.login("", i));
      BulkResult result = publisher.publishAll(withoutKeys).get(30, SECONDS);
      assertThat(result.taken()).isEqualTo(1_000);
      assertThat(result.failures()).hasSize(1_000);
      assertThat(result.acknowledged()).isZero();
      assertThat(result.stopped()).isPresent();
    }
  }

  @Test
  void stopsWhenThePublisherIsClosedAndEndsWhatWasOnItsWay() throws Exception {
    var publisher = builder().open();
    BulkResult result =
        publisher
            .publishAll(
                logins(1_000_000)
                    .peek(
                        e -> {
                          if (Events.number(e) == 500) {
                            // Another thread; this one is inside the bulk.
                            var unused = CompletableFuture.runAsync(publisher::close);
                          }
                        }))
            .get(30, SECONDS);
    assertThat(result.taken()).isLessThan(1_000_000);
    assertThat(result.stopped()).get().asString().contains("closed");
    assertThat(result.acknowledged() + result.failures().size()).isEqualTo(result.taken());
    publisher.close();
    assertThat(RawRecords.readAll(kafka, topic.name())).hasSize((int) result.acknowledged());
  }

  @Test
  void stopsWhenItsThreadIsInterruptedAndKeepsTheFlag() throws Exception {
    try (var publisher = builder().open()) {
      CompletableFuture<BulkResult> future =
          publisher.publishAll(
              logins(100)
                  .peek(
                      e -> {
                        if (Events.number(e) == 20) {
                          Thread.currentThread().interrupt();
                        }
                      }));
      assertThat(Thread.interrupted()).isTrue();
      BulkResult result = future.get(30, SECONDS);
      assertThat(result.taken()).isEqualTo(21);
      assertThat(result.acknowledged() + result.failures().size()).isEqualTo(21);
      assertThat(result.stopped()).isPresent();
    }
  }

  @Test
  void itsContinuationMayPublishAndMayNotWaitForAnotherBulk() throws Exception {
    KafkaSettings unhurried = // so that a bulk is not acknowledged before anybody waits for it
        KafkaSettings.builder()
            .bootstrapServers(kafka.bootstrapServers())
            .property("linger.ms", 500)
            .build();
    try (var publisher = builder().settings(unhurried).open()) {
      CompletableFuture<BulkResult> nested = new CompletableFuture<>();
      CompletableFuture<Throwable> waiting = new CompletableFuture<>();
      CountDownLatch chained = new CountDownLatch(1);
      var unused =
          publisher
              .publish(Events.login("first", 0))
              .thenRun(
                  () -> {
                    awaitUninterruptibly(chained);
                    var inner = publisher.publishAll(logins(3));
                    var unusedToo = inner.thenAccept(nested::complete);
                    waiting.complete(catchThrowable(() -> publisher.publishAll(logins(3)).join()));
                  });
      chained.countDown();
      assertThat(nested.get(10, SECONDS).isComplete()).isTrue();
      assertThat(waiting.get(10, SECONDS))
          .isInstanceOf(HermesException.class)
          .hasMessageContaining("waits for another receipt of the same publisher");
    }
  }

  @Test
  void cancellingChangesOnlyTheCallersView() {
    try (var publisher = builder().open()) {
      publisher.publishAll(logins(10)).cancel(true);
    }
    assertThat(RawRecords.readAll(kafka, topic.name())).hasSize(10);
  }

  private static Headers header(String name, String value) {
    return new ProducerRecord<>("any", "value").headers().add(name, value.getBytes(UTF_8));
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
