package io.hermes.examples.readme;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventRecord;
import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.StartAt;
import io.hermes.Topic;
import io.hermes.TransactionAbortedException;
import io.hermes.TransactionUnknownException;
import io.hermes.codec.ZstdDictionary;
import io.hermes.codec.ZstdOptions;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.publish.BulkResult;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import io.hermes.publish.TransactionalPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.BatchFailure;
import io.hermes.subscribe.Decision;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.ProcessingOrder;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The snippets of docs/guarantees.md, exactly-once.md, tuning.md and security.md. */
@KafkaTest
@Timeout(120)
class GuidesTest {

  private final KafkaSettings settings;
  private final BlockingQueue<String> billed = new LinkedBlockingQueue<>();
  private final Bills bills = new Bills();

  GuidesTest(Kafka kafka) {
    settings = KafkaSettings.of(kafka.bootstrapServers());
  }

  @BeforeEach
  void createTopic() {
    try (TopicAdmin topics = TopicAdmin.connect(settings)) {
      topics.createIfMissing(Topic.of(UserEvent.class));
    }
  }

  private static UserEvent event(String id) {
    return UserEvent.newBuilder().setEventId(id).setUserId("user-123").build();
  }

  @Test
  void everyOutcomeIsToldApart() throws Exception {
    BlockingQueue<UserEvent> again = new LinkedBlockingQueue<>();
    var publisher = HermesPublisher.builder(UserEvent.class).settings(settings).open();
    assertThat(publish(publisher, event("outcome"), again).get(30, SECONDS).offset())
        .isNotNegative();
    publisher.close();
    assertThat(publish(publisher, event("late"), again)).failsWithin(ofSeconds(30));
    assertThat(again).isEmpty();
  }

  private static CompletableFuture<Receipt> publish(
      HermesPublisher<UserEvent> publisher, UserEvent event, BlockingQueue<UserEvent> again) {
    return publisher
        .publish(event)
        .whenComplete(
            (receipt, failure) -> {
              if (failure instanceof PublishRejectedException rejected && rejected.isRetryable()) {
                again.add(event); // certainly not written
              } else if (failure instanceof PublishUnknownException) {
                again.add(event); // may become a duplicate: handlers must be idempotent
              } else if (failure != null) {
                log("%s", failure); // it would be rejected again
              }
            });
  }

  @Test
  void aRepetitionIsBilledOnce() throws Exception {
    String group = "once-" + UUID.randomUUID();
    ErrorPolicy policy =
        ErrorPolicy.retry(5)
            .backoff(ofMillis(100), ofSeconds(10))
            .within(ofMinutes(2))
            .thenDeadLetter()
            .on(IllegalArgumentException.class, Decision.DEAD_LETTER); // retrying does not help
    try (var publisher = HermesPublisher.builder(UserEvent.class).settings(settings).open()) {
      String id = UUID.randomUUID().toString();
      var unused = publisher.publishAll(List.of(event(id), event(id)));
      HermesSubscriber subscriber =
          HermesSubscriber.builder(UserEvent.class)
              .settings(settings)
              .group(group)
              .onError(policy)
              .start(this::bill);
      try (subscriber) {
        while (!id.equals(billed.poll(30, SECONDS))) {
          assertThat(subscriber.health().isHealthy()).isTrue();
        }
        subscriber.drain(ofSeconds(20));
      }
      assertThat(billed).doesNotContain(id);
    }
  }

  @Test
  void eventsOfATransactionAreCommittedTogether() {
    OrderPlaced order = OrderPlaced.newBuilder().setOrderId("order-1").build();
    PaymentEvent payment = PaymentEvent.newBuilder().setPaymentId("payment-1").build();
    try (TransactionalPublisher publisher =
        TransactionalPublisher.builder(OrderPlaced.class, PaymentEvent.class)
            .settings(settings)
            .createTopics()
            .open()) {
      publish(publisher, order, payment);
    }
    try (var reader = HermesReader.builder(PaymentEvent.class).settings(settings).toEnd().open()) {
      assertThat(reader).extracting(record -> record.event().getPaymentId()).contains("payment-1");
    }
  }

  static void publish(TransactionalPublisher publisher, OrderPlaced order, PaymentEvent payment) {
    try {
      List<Receipt> receipts =
          publisher.transaction(
              tx -> {
                tx.publish(order);
                tx.publish(payment);
              });
      log("committed: %s", receipts);
    } catch (TransactionAbortedException e) {
      log("nothing is visible, run it again if %s: %s", e.isRetryable(), e);
    } catch (TransactionUnknownException e) {
      log("all events are visible, or none: %s", e);
    }
  }

  @Test
  void aBulkNamesWhatWasNotPublished() {
    UserEvent withoutKey = event(UUID.randomUUID().toString()).toBuilder().clearUserId().build();
    List<UserEvent> events = List.of(event(UUID.randomUUID().toString()), withoutKey);
    try (var publisher = HermesPublisher.builder(UserEvent.class).settings(settings).open()) {
      BulkResult result = publishAll(publisher, events);
      assertThat(result.acknowledged()).isEqualTo(1);
      assertThat(result.failures()).extracting(BulkResult.Failure::index).containsExactly(1L);
    }
  }

  private static BulkResult publishAll(
      HermesPublisher<UserEvent> publisher, List<UserEvent> events) {
    BulkResult result = publisher.publishAll(events).join();
    for (BulkResult.Failure failure : result.failures()) {
      log("event %d: %s", failure.index(), failure.exception());
    }
    result.stopped().ifPresent(why -> log("published %d, then: %s", result.taken(), why));
    return result;
  }

  void bill(Delivery<UserEvent> delivery) {
    UserEvent event = delivery.event();
    if (bills.isNew(event.getEventId())) { // a unique key in the table of bills
      billed.add(event.getEventId());
    }
  }

  @Test
  void aDayIsReadWithoutAGapToTheNext() {
    Instant start = Instant.now().minusSeconds(3_600);
    try (var publisher = HermesPublisher.builder(UserEvent.class).settings(settings).open()) {
      publisher.publishAndWait(event("day"), ofSeconds(20));
    }
    assertThat(read(start, Instant.now().plusSeconds(3_600))).isPositive();
    assertThat(read(start, start)).isZero();
  }

  private int read(Instant start, Instant end) {
    int count = 0;
    try (var reader =
        HermesReader.builder(UserEvent.class)
            .settings(settings)
            .from(StartAt.time(start))
            .toTime(end) // the next reader starts here
            .open()) {
      for (EventRecord<UserEvent> record : reader) {
        log("%s", record.event().getEventId());
        count++;
      }
    }
    return count;
  }

  @Test
  void aPublisherTakesKafkasOwnProperties() {
    KafkaSettings patient =
        settings.toBuilder().property("linger.ms", 20).property("batch.size", 256 * 1024).build();
    try (var publisher =
        HermesPublisher.builder(UserEvent.class)
            .settings(patient)
            .maxInFlight(100_000, 64L << 20)
            .maxWait(ofSeconds(5))
            .deliveryTimeout(ofSeconds(30))
            .open()) {
      assertThat(publisher.publishAndWait(event("tuned"), ofSeconds(20)).valueBytes()).isPositive();
    }
  }

  @Test
  void aBatchSaysWhatOfItFailed() throws Exception {
    String group = "batches-" + UUID.randomUUID();
    String id = UUID.randomUUID().toString();
    try (var publisher = HermesPublisher.builder(UserEvent.class).settings(settings).open()) {
      publisher.publishAndWait(event(id), ofSeconds(20));
    }
    var subscriber =
        HermesSubscriber.builder()
            .settings(settings)
            .group(group)
            .order(ProcessingOrder.UNORDERED)
            .onBatch(UserEvent.class, 500, this::insert)
            .maxInFlight(20_000, 128L << 20)
            .drainTimeout(ofSeconds(10))
            .start();
    try (subscriber) {
      while (!id.equals(billed.poll(30, SECONDS))) {
        assertThat(subscriber.health().isHealthy()).isTrue();
      }
    }
  }

  void insert(List<Delivery<UserEvent>> deliveries) throws BatchFailure {
    Map<Integer, Exception> failures = new TreeMap<>();
    for (int i = 0; i < deliveries.size(); i++) {
      try {
        billed.add(deliveries.get(i).event().getEventId());
      } catch (IllegalStateException e) {
        failures.put(i, e);
      }
    }
    if (!failures.isEmpty()) {
      throw BatchFailure.of(failures);
    }
  }

  /** Compiled only: hermes-client's DictionaryTest runs what it shows. */
  static ZstdOptions options(Path folder) {
    ZstdOptions options =
        ZstdOptions.builder()
            .dictionaries(ZstdDictionary.load(folder))
            .maxEventBytes(32 << 20)
            .build();
    return options;
  }

  /** Compiled only: it needs somebody who issues tokens. */
  static KafkaSettings tokens() {
    KafkaSettings settings =
        KafkaSettings.fromEnvironment().toBuilder()
            .property(
                "sasl.login.callback.handler.class",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler")
            .property("sasl.oauthbearer.token.endpoint.url", "https://login.example.com/token")
            .build();
    return settings;
  }

  private static void log(String format, Object... values) {
    System.out.printf(format + "%n", values);
  }

  /** Stands for a database. */
  private static final class Bills {

    private final Set<String> ids = new HashSet<>();

    synchronized boolean isNew(String eventId) {
      return ids.add(eventId);
    }
  }
}
