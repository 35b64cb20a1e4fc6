package io.hermes.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What observers of a publisher see, and what they cannot do to it. */
@KafkaTest
@Timeout(60)
class PublisherObserverTest {

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final Kafka kafka;
  private final Topic<UserEvent> topic;

  PublisherObserverTest(Kafka kafka) {
    this.kafka = kafka;
    this.topic = Events.newTopic(kafka, 1);
  }

  private HermesPublisher.Builder<UserEvent> builder() {
    return HermesPublisher.builder(topic).settings(KafkaSettings.of(kafka.bootstrapServers()));
  }

  /** Notes what it sees under its name, and adds a header of that name. */
  private final class Noting implements PublisherObserver {

    private final String name;

    Noting(String name) {
      this.name = name;
    }

    @Override
    public Runnable opened(
        String clientId, List<Topic<?>> topics, Supplier<PublisherHealth> health) {
      assertThat(topics).containsExactly(topic);
      assertThat(health.get().isHealthy()).isTrue();
      seen.add(name + " opened");
      return () -> seen.add(name + " closed");
    }

    @Override
    public Publication publishing(OutgoingEvent event) {
      seen.add(name + " begins");
      byte[] callers = event.header("caller");
      event.addHeader(name, callers == null ? new byte[] {'-'} : callers);
      return new Publication() {
        @Override
        public void acknowledged(Receipt receipt) {
          seen.add(name + " acknowledged " + receipt.offset());
        }

        @Override
        public void rejected(PublishRejectedException why) {
          seen.add(name + " rejected");
        }
      };
    }
  }

  @Test
  void severalBeginInTheirOrderAndEndInTheReverseBeforeTheFutureCompletes() {
    AtomicReference<List<String>> whenComplete = new AtomicReference<>();
    HermesPublisher<UserEvent> publisher =
        builder().observer(new Noting("a")).observer(new Noting("b")).open();
    publisher
        .publish(
            Events.login("u", 1),
            new ProducerRecord<>("any", "value").headers().add("caller", "yes".getBytes(UTF_8)))
        .thenRun(() -> whenComplete.set(List.copyOf(seen)))
        .join();
    publisher.close();
    publisher.close();
    List<String> untilThen =
        List.of(
            "a opened", "b opened", "a begins", "b begins", "b acknowledged 0", "a acknowledged 0");
    assertThat(whenComplete.get()).isEqualTo(untilThen);
    assertThat(seen).startsWith(untilThen.toArray(new String[0]));
    assertThat(seen.subList(6, seen.size())).containsExactly("b closed", "a closed");
    var headers = RawRecords.readAll(kafka, topic.name()).get(0).headers();
    for (String name : List.of("caller", "a", "b")) {
      assertThat(headers.headers(name)).hasSize(1);
      assertThat(headers.lastHeader(name).value()).asString(UTF_8).isEqualTo("yes");
    }
  }

  /** Notes when Kafka's producer is given a record. */
  public static final class Sends implements ProducerInterceptor<byte[], byte[]> {

    private static final List<String> SEEN = new CopyOnWriteArrayList<>();

    @Override
    public ProducerRecord<byte[], byte[]> onSend(ProducerRecord<byte[], byte[]> record) {
      SEEN.add("producer has it");
      return record;
    }

    @Override
    public void onAcknowledgement(@Nullable RecordMetadata metadata, @Nullable Exception e) {}

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> configs) {}
  }

  /** Notes when the record is given to the producer. */
  private record Enclosing(String name) implements PublisherObserver {

    @Override
    public Publication publishing(OutgoingEvent event) {
      assertThat(event.clientId()).startsWith("hermes-publisher-");
      return new Publication() {
        @Override
        public Runnable sending() {
          Sends.SEEN.add(name + " sends");
          return () -> Sends.SEEN.add(name + " has sent");
        }
      };
    }
  }

  @Test
  void theProducerIsGivenTheRecordWithinWhatEveryObserverOpensForIt() throws Exception {
    KafkaSettings settings =
        KafkaSettings.of(kafka.bootstrapServers()).toBuilder()
            .property("interceptor.classes", Sends.class.getName())
            .build();
    List<String> once =
        List.of("a sends", "b sends", "producer has it", "b has sent", "a has sent");
    try (var publisher =
        builder()
            .settings(settings)
            .observer(new Enclosing("a"))
            .observer(event -> null)
            .observer(new Enclosing("b"))
            .open()) {
      publisher.publish(Events.login("u", 1)).join();
      assertThat(Sends.SEEN).isEqualTo(once);
      Sends.SEEN.clear();
      publisher.publish(Events.login("", 1)).exceptionally(rejected -> null).join();
      assertThat(Sends.SEEN).as("an event without a key is not sent").isEmpty();
      publisher.publishTombstone("u").join();
      assertThat(Sends.SEEN).isEqualTo(once);
    }
  }

  @Test
  void everyEventOfABulkEveryRejectionAndEveryTombstoneIsFollowedToItsOutcome() throws Exception {
    List<UserEvent> events =
        new ArrayList<>(IntStream.range(0, 5).mapToObj(i -> Events.login("u", i)).toList());
    events.set(2, Events.login("", 2)); // has no key
    try (var publisher = builder().observer(new Noting("a")).open()) {
      BulkResult result = publisher.publishAll(events).get(30, TimeUnit.SECONDS);
      assertThat(result.acknowledged()).isEqualTo(4);
      assertThat(seen.stream().filter("a begins"::equals)).hasSize(5);
      assertThat(seen)
          .contains("a rejected", "a acknowledged 0", "a acknowledged 3")
          .hasSize(1 + 2 * 5);
      seen.clear();
      publisher.publishTombstone("u").join();
      assertThat(seen).containsExactly("a begins", "a acknowledged 4");
    }
    assertThat(RawRecords.readAll(kafka, topic.name()))
        .hasSize(5)
        .allSatisfy(record -> assertThat(record.headers().headers("a")).hasSize(1));
  }

  @Test
  void whatAnObserverThrowsReachesNoEventAndIsCounted() {
    PublisherObserver hostile =
        new PublisherObserver() {
          @Override
          public Runnable opened(
              String clientId, List<Topic<?>> topics, Supplier<PublisherHealth> health) {
            throw new AssertionError("opened");
          }

          @Override
          public Publication publishing(OutgoingEvent event) {
            return new Publication() {
              @Override
              public void acknowledged(Receipt receipt) {
                throw new StackOverflowError();
              }
            };
          }
        };
    PublisherObserver forger =
        event -> {
          event.addHeader(EventHeaders.MESSAGE_TYPE, new byte[] {'x'});
          return null;
        };
    try (var publisher =
        builder().observer(hostile).observer(forger).observer(new Noting("a")).open()) {
      for (int i = 0; i < 3; i++) {
        publisher.publish(Events.login("u", i)).join();
      }
      assertThat(seen).hasSize(7).contains("a acknowledged 2");
      assertThat(publisher.health().observerFailures()).isEqualTo(1 + 3 + 3);
      assertThat(publisher.health().isHealthy()).isTrue();
    }
  }

  @Test
  void closeEndsWithinItsDeadlineAlthoughAHookOfAnObserverBlocks() {
    CompletableFuture<@Nullable Void> release = new CompletableFuture<>();
    CompletableFuture<@Nullable Void> last = new CompletableFuture<>();
    PublisherObserver blocking =
        new PublisherObserver() {
          @Override
          public Runnable opened(
              String clientId, List<Topic<?>> topics, Supplier<PublisherHealth> health) {
            return () -> {
              release.join();
              last.complete(null);
            };
          }

          @Override
          public @Nullable Publication publishing(OutgoingEvent event) {
            return null;
          }
        };
    HermesPublisher<UserEvent> publisher =
        builder().observer(blocking).observer(new Noting("a")).open();
    publisher.close(Duration.ofMillis(100)); // the test's timeout is its limit
    assertThat(seen).containsExactly("a opened", "a closed");
    assertThat(last).isNotDone();
    release.complete(null);
    assertThat(last).succeedsWithin(Duration.ofSeconds(10));
  }
}
