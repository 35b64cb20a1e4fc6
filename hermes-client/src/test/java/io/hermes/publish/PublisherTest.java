package io.hermes.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import io.hermes.EventHeaders;
import io.hermes.PublishRejectedException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Events;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;

@KafkaTest
class PublisherTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Kafka kafka;
  private final KafkaSettings settings;

  PublisherTest(Kafka kafka) {
    this.kafka = kafka;
    this.settings = KafkaSettings.of(kafka.bootstrapServers());
  }

  private HermesPublisher<UserEvent> open(Topic<UserEvent> topic) {
    return HermesPublisher.builder(topic).settings(settings).open();
  }

  @Test
  void writesKeyHeadersAndValueAsTheContractSays() {
    Topic<UserEvent> topic = Events.newTopic(kafka, 3);
    UserEvent event = Events.login("user-7", 1);
    Receipt receipt;
    try (var publisher = open(topic)) {
      receipt = publisher.publishAndWait(event, TIMEOUT);
    }
    ConsumerRecord<byte[], byte[]> record = only(RawRecords.readAll(kafka, topic.name()));
    assertThat(record.key()).asString(UTF_8).isEqualTo("user-7");
    assertThat(record.value()).isEqualTo(event.toByteArray());
    assertThat(text(record.headers(), "event-type")).isEqualTo("USER_LOGIN");
    assertThat(text(record.headers(), "message-type")).isEqualTo("hermes.events.v1.UserEvent");
    assertThat(record.headers().toArray()).hasSize(2);
    assertThat(receipt)
        .isEqualTo(
            new Receipt(
                topic.name(),
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                6,
                event.getSerializedSize()));
    assertThat(receipt.timestamp()).isBetween(Instant.now().minusSeconds(60), Instant.now());
  }

  @Test
  void writesHeadersOfTheCallerBesideTheContracts() {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    Headers headers = headers("trace-id", "abc");
    try (var publisher = open(topic)) {
      publisher.publish(Events.login("u", 1), headers).join();
      assertRejected(
          publisher.publish(Events.login("u", 2), headers(EventHeaders.EVENT_TYPE, "FORGED")),
          "The header event-type is reserved for the contract");
      assertRejected(
          publisher.publish(Events.login("u", 2), headers(EventHeaders.REDRIVE_GROUP, "billing")),
          "every group except one would skip the event");
    }
    ConsumerRecord<byte[], byte[]> record = only(RawRecords.readAll(kafka, topic.name()));
    assertThat(text(record.headers(), "trace-id")).isEqualTo("abc");
    assertThat(text(record.headers(), "event-type")).isEqualTo("USER_LOGIN");
    assertThat(headers.toArray()).as("the caller's own headers").hasSize(1);
  }

  @Test
  void publishesSeveralTypesInOneOrder() {
    Topic<UserEvent> users = Events.newTopic(kafka, 1);
    Topic<StringValue> notes =
        Topic.builder(StringValue.class, users.name()).keyField("value").shared().build();
    try (HermesPublisher<Message> publisher =
        HermesPublisher.builder().topic(users).topic(notes).settings(settings).open()) {
      for (Message event :
          List.of(Events.login("u", 1), StringValue.of("n"), Events.login("u", 2))) {
        var unused = publisher.publish(event);
      }
      publisher.flush(TIMEOUT);
    }
    assertThat(RawRecords.readAll(kafka, users.name()))
        .extracting(record -> text(record.headers(), "message-type"))
        .containsExactly(
            "hermes.events.v1.UserEvent",
            "google.protobuf.StringValue",
            "hermes.events.v1.UserEvent");
  }

  @Test
  void writesTombstones() {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    try (var publisher = open(topic)) {
      assertThat(publisher.publishTombstone("user-7").join().valueBytes()).isEqualTo(-1);
      assertRejected(publisher.publishTombstone(""), "needs a key");
      assertRejected(publisher.publishTombstone("other.Type", new byte[] {1}), "not other.Type");
    }
    ConsumerRecord<byte[], byte[]> record = only(RawRecords.readAll(kafka, topic.name()));
    assertThat(record.key()).asString(UTF_8).isEqualTo("user-7");
    assertThat(record.value()).isNull();
  }

  @Test
  void rejectsWhatTheContractOrALimitRefuses() {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    try (var publisher = open(topic)) {
      assertThatThrownBy(() -> publisher.publish(nothing()))
          .isInstanceOf(NullPointerException.class);
      assertRejected(
          publisher.publish(Events.login("", 1)), "has an empty user_id, which is its record key");
      UserEvent overKafkas =
          Events.login("u", 1).toBuilder().setEventId("x".repeat(2 << 20)).build();
      assertRejected(publisher.publish(overKafkas), "raise max.request.size");
      UserEvent overHermes =
          Events.login("u", 1).toBuilder().setEventId("x".repeat(17 << 20)).build();
      assertRejected(publisher.publish(overHermes), "raise maxEventBytes on both sides");
      publisher.publish(Events.login("u", 3)).join();
    }
    assertThat(RawRecords.readAll(kafka, topic.name())).hasSize(1);
  }

  @Test
  void rejectsATypeThatItWasNotOpenedWith() {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    try (HermesPublisher<Message> publisher =
        HermesPublisher.builder().topic(topic).settings(settings).open()) {
      assertRejected(
          publisher.publish(StringValue.of("?")),
          "serves hermes.events.v1.UserEvent, not google.protobuf.StringValue");
    }
  }

  @Test
  void rejectsAfterClose() {
    var publisher = open(Events.newTopic(kafka, 1));
    publisher.close();
    publisher.close();
    assertRejected(publisher.publish(Events.login("u", 1)), "The publisher is closed");
    assertRejected(publisher.tryPublish(Events.login("u", 1)), "The publisher is closed");
    assertThatThrownBy(() -> publisher.publishAndWait(Events.login("u", 1), TIMEOUT))
        .isInstanceOf(PublishRejectedException.class)
        .hasMessageContaining("The publisher is closed");
  }

  @Test
  void closeWaitsForWhatIsOnItsWay() {
    Topic<UserEvent> topic = Events.newTopic(kafka, 2);
    var publisher = open(topic);
    List<CompletableFuture<Receipt>> receipts = Events.publishLogins(publisher, "u", 2_000);
    publisher.close();
    assertThat(receipts).allMatch(receipt -> receipt.isDone());
    assertThat(receipts).noneMatch(CompletableFuture::isCompletedExceptionally);
    assertThat(RawRecords.readAll(kafka, topic.name())).hasSize(2_000);
  }

  @Test
  void flushWaitsForAllThatWasPublishedBefore() {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    try (var publisher = open(topic)) {
      List<CompletableFuture<Receipt>> receipts = Events.publishLogins(publisher, "u", 500);
      publisher.flush(TIMEOUT);
      assertThat(receipts).allMatch(CompletableFuture::isDone);
      publisher.flush(Duration.ZERO); // nothing is on its way
    }
  }

  @Test
  void sixtyFourThreadsKeepTheirOwnOrder() throws Exception {
    Topic<UserEvent> topic = Events.newTopic(kafka, 4);
    try (var publisher = open(topic)) {
      List<Thread> threads =
          IntStream.range(0, 64)
              .mapToObj(
                  t ->
                      new Thread(
                          () -> {
                            for (int i = 0; i < 100; i++) {
                              var unused = publisher.publish(Events.login("user-" + t, i));
                            }
                          }))
              .toList();
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
    }
    Map<String, List<Integer>> numbers = new HashMap<>();
    for (var record : RawRecords.readAll(kafka, topic.name())) {
      UserEvent event = UserEvent.parseFrom(record.value());
      numbers.computeIfAbsent(event.getUserId(), u -> new ArrayList<>()).add(Events.number(event));
    }
    List<Integer> inOrder = IntStream.range(0, 100).boxed().toList();
    assertThat(numbers).hasSize(64).allSatisfy((user, seen) -> assertThat(seen).isEqualTo(inOrder));
  }

  @Test
  void continuationsRunInOrderAndNeverOnKafkasThread() throws Exception {
    List<Integer> order = new ArrayList<>();
    List<String> threads = new ArrayList<>();
    try (var publisher = open(Events.newTopic(kafka, 1))) {
      CompletableFuture<?>[] done =
          IntStream.range(0, 300)
              .mapToObj(
                  i ->
                      publisher
                          .publish(Events.login("u", i))
                          .thenAccept(
                              receipt -> {
                                order.add((int) receipt.offset());
                                threads.add(Thread.currentThread().getName());
                              }))
              .toArray(CompletableFuture[]::new);
      CompletableFuture.allOf(done).get(10, SECONDS);
    }
    assertThat(order).isSorted().hasSize(300);
    // A future that was complete already is continued by the caller.
    assertThat(threads).noneMatch(name -> name.contains("kafka-producer-network-thread"));
    assertThat(threads).contains("hermes-acknowledgements");
  }

  @SuppressWarnings("NullAway") // the point of the test
  private static UserEvent nothing() {
    return null;
  }

  private static ConsumerRecord<byte[], byte[]> only(List<ConsumerRecord<byte[], byte[]>> records) {
    assertThat(records).hasSize(1);
    return records.get(0);
  }

  private static Headers headers(String name, String value) {
    Headers headers = new ProducerRecord<>("any", "value").headers();
    return headers.add(name, value.getBytes(UTF_8));
  }

  private static String text(Headers headers, String name) {
    return Objects.requireNonNull(EventHeaders.text(headers, name));
  }

  static void assertRejected(CompletableFuture<Receipt> receipt, String message) {
    assertThat(receipt)
        .failsWithin(TIMEOUT)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(PublishRejectedException.class)
        .withMessageContaining(message);
  }
}
