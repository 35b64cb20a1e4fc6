package io.hermes.publish;

import static io.hermes.publish.InMemoryPublisher.Outcome.ACKNOWLEDGED;
import static io.hermes.publish.InMemoryPublisher.Outcome.REJECTED;
import static io.hermes.publish.InMemoryPublisher.Outcome.REJECTED_RETRYABLE;
import static io.hermes.publish.InMemoryPublisher.Outcome.UNKNOWN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import io.hermes.ContractException;
import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.Topic;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.read.HermesReader;
import io.hermes.testing.Events;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A publisher without Kafka behaves as one with it. */
@KafkaTest
@Timeout(60)
class InMemoryPublisherTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  @AutoClose
  private final InMemoryPublisher<UserEvent> publisher = InMemoryPublisher.of(UserEvent.class);

  private static @Nullable Throwable outcome(CompletableFuture<?> future) {
    Throwable failure = catchThrowable(() -> future.get(10, SECONDS));
    return failure instanceof ExecutionException ? failure.getCause() : failure;
  }

  @Test
  void whatIsPublishedIsThereAsSoonAsPublishHasReturned() throws Exception {
    Instant before = Instant.now().minusMillis(1);
    List<UserEvent> events = List.of(Events.login("a", 1), Events.login("b", 2));
    var unused = publisher.publish(events.get(0));
    Header header = new RecordHeader("trace", "1".getBytes(UTF_8));
    CompletableFuture<Receipt> receipt = publisher.publish(events.get(1), List.of(header));

    assertThat(publisher.events()).isEqualTo(events);
    EventRecord<UserEvent> record = publisher.records().get(1);
    assertThat(record.topic()).isEqualTo("user.events");
    assertThat(record.key()).isEqualTo("b");
    assertThat(record.offset()).isEqualTo(1);
    assertThat(record.eventType()).isEqualTo("USER_LOGIN");
    assertThat(EventHeaders.text(record.headers(), "trace")).isEqualTo("1");
    Receipt written = receipt.get(10, SECONDS);
    assertThat(written.offset()).isEqualTo(1);
    assertThat(written.timestamp()).isAfter(before);
    assertThat(written.keyBytes()).isEqualTo(1);

    publisher.clear();
    assertThat(publisher.events()).isEmpty();
  }

  @Test
  void outcomesAreThoseOfTheScriptAndThenAcknowledgements() {
    publisher.nextOutcomes(REJECTED, REJECTED_RETRYABLE, UNKNOWN, ACKNOWLEDGED, UNKNOWN);
    List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      receipts.add(publisher.publish(Events.login("user", i)));
    }

    assertThat(outcome(receipts.get(0)))
        .isInstanceOfSatisfying(
            PublishRejectedException.class, no -> assertThat(no.isRetryable()).isFalse());
    assertThat(outcome(receipts.get(1)))
        .isInstanceOfSatisfying(
            PublishRejectedException.class, no -> assertThat(no.isRetryable()).isTrue());
    assertThat(outcome(receipts.get(2))).isInstanceOf(PublishUnknownException.class);
    assertThat(outcome(receipts.get(4))).isInstanceOf(PublishUnknownException.class);
    for (int acknowledged : new int[] {3, 5, 6}) {
      assertThat(receipts.get(acknowledged)).succeedsWithin(TIMEOUT);
    }
    assertThat(publisher.events())
        .containsExactly(Events.login("user", 3), Events.login("user", 5), Events.login("user", 6));

    publisher.nextOutcomes(UNKNOWN);
    publisher.clear();
    assertThat(publisher.publish(Events.login("user", 7))).succeedsWithin(TIMEOUT);
    publisher.nextOutcomes(REJECTED_RETRYABLE);
    assertThatThrownBy(() -> publisher.publishAndWait(Events.login("user", 8), TIMEOUT))
        .isInstanceOf(PublishRejectedException.class);
  }

  @Test
  void whatBreaksTheContractIsRejectedAndUsesUpNoOutcome() throws Exception {
    publisher.nextOutcomes(UNKNOWN);
    UserEvent withoutKey = Events.login("user", 1).toBuilder().clearUserId().build();
    assertThat(outcome(publisher.publish(withoutKey))).isInstanceOf(PublishRejectedException.class);
    Header reserved = new RecordHeader(EventHeaders.EVENT_TYPE, new byte[1]);
    assertThat(outcome(publisher.publish(Events.login("user", 1), List.of(reserved))))
        .isInstanceOf(PublishRejectedException.class);
    UserEvent large = Events.login("user", 1).toBuilder().setEventId("x".repeat(17 << 20)).build();
    assertThat(outcome(publisher.publish(large))).hasMessageContaining("16777216");
    assertThat(publisher.records()).isEmpty();

    BulkResult result =
        publisher
            .publishAll(List.of(Events.login("a", 1), withoutKey, Events.login("b", 2)))
            .get(10, SECONDS);
    assertThat(result.acknowledged()).isEqualTo(1);
    assertThat(result.failures()).extracting(BulkResult.Failure::index).contains(0L, 1L);
    assertThatThrownBy(() -> InMemoryPublisher.of(StringValue.class))
        .isInstanceOf(ContractException.class);
  }

  @Test
  void severalTypesAndTombstonesKeepTheirOrder() throws Exception {
    try (InMemoryPublisher<Message> several =
        InMemoryPublisher.of(UserEvent.class, OrderPlaced.class)) {
      OrderPlaced order = OrderPlaced.newBuilder().setOrderId("o-1").build();
      var unused = several.publish(Events.login("a", 1));
      unused = several.publish(order);
      String type = Topic.of(UserEvent.class).messageType();
      assertThat(several.publishTombstone(type, "a".getBytes(UTF_8)).get(10, SECONDS).valueBytes())
          .isEqualTo(-1);
      assertThat(several.events()).containsExactly(Events.login("a", 1), order);
      EventRecord<Message> tombstone = several.records().get(2);
      assertThat(tombstone.isTombstone()).isTrue();
      assertThat(tombstone.key()).isEqualTo("a");
      assertThat(several.publishTombstone("a")).isCompletedExceptionally();
    }
  }

  @Test
  void itClosesLikeAnyOtherAndKeepsWhatWasPublished() {
    publisher.nextOutcomes(UNKNOWN, ACKNOWLEDGED);
    CompletableFuture<Receipt> lost = publisher.publish(Events.login("a", 1));
    var unused = publisher.publish(Events.login("b", 2));
    publisher.close();
    assertThat(lost).isCompletedExceptionally();
    assertThat(outcome(publisher.publish(Events.login("c", 3)))).hasMessageContaining("closed");
    assertThat(publisher.health().state()).isEqualTo(PublisherHealth.State.CLOSED);
    assertThat(publisher.events()).containsExactly(Events.login("b", 2));
  }

  @Test
  void manyThreadsLoseNothing() {
    publisher.nextOutcomes(
        IntStream.range(0, 4_000)
            .mapToObj(i -> i % 4 == 0 ? UNKNOWN : ACKNOWLEDGED)
            .toArray(InMemoryPublisher.Outcome[]::new));
    List<CompletableFuture<Receipt>> receipts =
        IntStream.range(0, 4_000)
            .parallel()
            .mapToObj(i -> publisher.publish(Events.login("user-" + i % 7, i)))
            .toList();
    publisher.flush(TIMEOUT);
    assertThat(receipts).allMatch(CompletableFuture::isDone);
    assertThat(receipts.stream().filter(CompletableFuture::isCompletedExceptionally))
        .hasSize(1_000);
    assertThat(publisher.events()).hasSize(3_000);
    assertThat(publisher.health().isHealthy()).isTrue();
  }

  @Test
  void itsRecordsAreThoseThatAReaderGetsFromABroker(Kafka kafka) {
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    try (InMemoryPublisher<UserEvent> memory = InMemoryPublisher.of(UserEvent.class);
        var real = HermesPublisher.builder(topic).settings(settings).open()) {
      for (HermesPublisher<UserEvent> each : List.of(memory, real)) {
        each.publishAndWait(Events.login("a", 1), TIMEOUT);
        each.publishTombstone("a").join();
      }
      List<EventRecord<UserEvent>> read = new ArrayList<>();
      try (var reader = HermesReader.builder(topic).settings(settings).toEnd().open()) {
        reader.forEach(read::add);
      }
      assertThat(shown(memory.records())).isEqualTo(shown(read)).hasSize(2);
    }
  }

  private static List<String> shown(List<EventRecord<UserEvent>> records) {
    return records.stream()
        .map(
            record ->
                record.key()
                    + " "
                    + Arrays.stream(record.headers().toArray())
                        .map(header -> header.key() + "=" + new String(header.value(), UTF_8))
                        .toList()
                    + " "
                    + record.offset()
                    + Arrays.toString(record.rawValue()))
        .toList();
  }
}
