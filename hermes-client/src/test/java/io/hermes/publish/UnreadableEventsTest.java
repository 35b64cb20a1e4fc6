package io.hermes.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.hermes.PublishRejectedException;
import io.hermes.Topic;
import io.hermes.codec.Unreadable;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.read.HermesReader;
import io.hermes.testing.Events;
import io.hermes.testing.Hostile;
import io.hermes.testing.RawRecords;
import io.hermes.testing.v1.Sample;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Events that no reader could decode, or of which no record can be made, are not written. */
@KafkaTest
@Timeout(60)
class UnreadableEventsTest {

  private final Kafka kafka;

  UnreadableEventsTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void eachIsRejectedForGoodAndTheNextEventIsWritten() throws Exception {
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    for (Message event : Unreadable.all()) {
      @SuppressWarnings("unchecked")
      Class<Message> type = (Class<Message>) event.getClass();
      Topic<Message> topic = Topic.builder(type, kafka.uniqueTopic("unreadable", 1)).build();
      try (var publisher = HermesPublisher.builder(topic).settings(settings).open()) {
        assertRejected(publisher.publish(event));
        assertRejected(publisher.tryPublish(event));
        var unused =
            publisher.publishAndWait(event.getDefaultInstanceForType(), Duration.ofSeconds(10));
      }
      assertThat(RawRecords.readAll(kafka, topic.name())).hasSize(1);
    }
  }

  private static void assertRejected(CompletableFuture<Receipt> receipt) {
    assertThat(receipt)
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOfSatisfying(
            PublishRejectedException.class, e -> assertThat(e.isRetryable()).isFalse())
        .withMessageStartingWith("Not written to unreadable")
        .withMessageMatching("(?s).*(No reader could decode this|nested too deep).*")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("Kafka at"));
  }

  @Test
  void theDeepestThatReadersTakeIsWrittenAndRead() {
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    Topic<Sample> topic = Topic.builder(Sample.class, kafka.uniqueTopic("deep", 1)).build();
    Sample event = Unreadable.nested(100);
    try (var publisher = HermesPublisher.builder(topic).settings(settings).open()) {
      publisher.publishAndWait(event, Duration.ofSeconds(10));
    }
    try (var reader = HermesReader.builder(topic).settings(settings).toEnd().open()) {
      assertThat(reader.iterator().next().event()).isEqualTo(event);
    }
  }

  @Test
  void headersThatThrowAnythingAreARejectionThatBlamesThem() {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    try (var publisher = HermesPublisher.builder(topic).settings(settings).open()) {
      for (Exception hostile : Hostile.all()) {
        Iterable<Header> headers =
            () -> {
              throw UnreadableEventsTest.<RuntimeException>sneak(hostile);
            };
        assertThat(publisher.publish(Events.login("user-1", 1), headers))
            .failsWithin(Duration.ZERO)
            .withThrowableThat()
            .havingCause()
            .isInstanceOf(PublishRejectedException.class)
            .withMessageContaining("The event cannot be encoded: " + hostile.getClass().getName());
      }
      publisher.publishAndWait(Events.login("user-1", 2), Duration.ofSeconds(10));
    }
    assertThat(RawRecords.readAll(kafka, topic.name())).hasSize(1);
  }

  /** Kafka would ask it again while it writes a batch, and leave half a record in it. */
  @Test
  void aHeaderIsAskedOnceSoThatNoneDamagesTheBatchOfOtherEvents() {
    Topic<UserEvent> topic = Events.newTopic(kafka, 1);
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    AtomicInteger asked = new AtomicInteger();
    Header onlyOnce =
        new Header() {
          @Override
          public String key() {
            return "trace";
          }

          @Override
          public byte[] value() {
            if (asked.incrementAndGet() > 1) {
              throw new IllegalStateException("asked again");
            }
            return new byte[] {1};
          }
        };
    try (var publisher = HermesPublisher.builder(topic).settings(settings).open()) {
      List<CompletableFuture<Receipt>> receipts =
          List.of(
              publisher.publish(Events.login("user-1", 1)),
              publisher.publish(Events.login("user-1", 2), List.of(onlyOnce)),
              publisher.publish(Events.login("user-1", 3)));
      assertThat(receipts)
          .allSatisfy(receipt -> assertThat(receipt).succeedsWithin(Duration.ofSeconds(10)));
    }
    assertThat(asked).hasValue(1);
    assertThat(RawRecords.readAll(kafka, topic.name())).hasSize(3);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> RuntimeException sneak(Throwable failure) throws T {
    throw (T) failure;
  }
}
