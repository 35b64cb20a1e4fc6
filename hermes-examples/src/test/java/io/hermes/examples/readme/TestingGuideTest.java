package io.hermes.examples.readme;

import static io.hermes.publish.InMemoryPublisher.Outcome.REJECTED_RETRYABLE;
import static io.hermes.publish.InMemoryPublisher.Outcome.UNKNOWN;
import static io.hermes.publish.InMemoryTransactionalPublisher.TransactionOutcome.ABORTED_RETRYABLE;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.EventRecord;
import io.hermes.PublishException;
import io.hermes.PublishUnknownException;
import io.hermes.Topic;
import io.hermes.TransactionAbortedException;
import io.hermes.events.v1.OrderPlaced;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.InMemoryPublisher;
import io.hermes.publish.InMemoryTransactionalPublisher;
import io.hermes.publish.InMemoryTransactionalPublisher.CommittedTransaction;
import io.hermes.publish.Receipt;
import io.hermes.publish.TransactionalPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.Emitter;
import io.hermes.subscribe.InMemoryEmitter;
import io.hermes.testkit.EmbeddedKafka;
import io.hermes.testkit.HeldTransaction;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaCluster;
import io.hermes.testkit.KafkaTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The snippets of docs/testing.md. */
@KafkaTest
class TestingGuideTest {

  private final List<String> billed = new ArrayList<>();

  @Test
  void billsWhoRegisters() {
    UserEvent event = UserEvent.newBuilder().setUserId("user-123").build();
    bill(Delivery.of(Topic.of(UserEvent.class), event));
    assertThat(billed).containsExactly("user-123");
  }

  @Test
  void givesUpWhenThereIsNoTimeLeft() {
    UserEvent event = UserEvent.newBuilder().setUserId("user-123").build();
    EventRecord<UserEvent> record = EventRecord.of(Topic.of(UserEvent.class), event);
    Delivery<UserEvent> late = Delivery.of(record, 2, ofSeconds(0)); // second attempt
    assertThatThrownBy(() -> bill(late)).isInstanceOf(IllegalStateException.class);
  }

  private void bill(Delivery<UserEvent> delivery) {
    if (delivery.remaining().isZero()) {
      throw new IllegalStateException("another member has this partition by now");
    }
    billed.add(delivery.event().getUserId());
  }

  /** A class that publishes, and publishes again what certainly or possibly was not written. */
  private record Registration(HermesPublisher<UserEvent> publisher) {

    void register(String user) {
      UserEvent event = UserEvent.newBuilder().setUserId(user).build();
      for (int attempt = 1; attempt <= 3; attempt++) {
        try {
          publisher.publishAndWait(event, ofSeconds(10));
          return;
        } catch (PublishException e) {
          if (!e.isRetryable() && !(e instanceof PublishUnknownException)) {
            throw e;
          }
        }
      }
    }
  }

  @AutoClose
  private final InMemoryPublisher<UserEvent> publisher = InMemoryPublisher.of(UserEvent.class);

  @Test
  void publishesWhoRegisters() {
    new Registration(publisher).register("user-123");
    assertThat(publisher.events()).extracting(UserEvent::getUserId).containsExactly("user-123");
    assertThat(publisher.records().get(0).key()).isEqualTo("user-123");
  }

  @Test
  void triesAgainWhatWasRejected() {
    publisher.nextOutcomes(REJECTED_RETRYABLE, UNKNOWN); // then everything is acknowledged
    new Registration(publisher).register("user-123");
    assertThat(publisher.events()).hasSize(1);
  }

  private static final OrderPlaced ORDER = OrderPlaced.newBuilder().setOrderId("order-1").build();

  private static PaymentEvent payment(OrderPlaced order) {
    return PaymentEvent.newBuilder().setPaymentId("payment-" + order.getOrderId()).build();
  }

  /** A class that publishes two events or none, and tries again what was aborted. */
  private record Checkout(TransactionalPublisher publisher) {

    void pay(OrderPlaced order) {
      for (int attempt = 1; ; attempt++) {
        try {
          publisher.transaction(
              tx -> {
                tx.publish(order);
                tx.publish(payment(order));
              });
          return;
        } catch (TransactionAbortedException e) {
          if (!e.isRetryable() || attempt == 3) {
            throw e;
          }
        }
      }
    }
  }

  @AutoClose
  private final InMemoryTransactionalPublisher transactional =
      InMemoryTransactionalPublisher.of(OrderPlaced.class, PaymentEvent.class);

  @Test
  void paysAnOrderInOneTransaction() {
    new Checkout(transactional).pay(ORDER);
    assertThat(transactional.transactions())
        .extracting(CommittedTransaction::events)
        .containsExactly(List.of(ORDER, payment(ORDER)));
  }

  @Test
  void triesAgainWhatWasAborted() {
    transactional.nextOutcomes(ABORTED_RETRYABLE); // then everything is committed
    new Checkout(transactional).pay(ORDER);
    assertThat(transactional.transactions()).hasSize(1);
  }

  private static void charge(Delivery<OrderPlaced> delivery, Emitter out) {
    out.emit(payment(delivery.event()));
  }

  @Test
  void chargesAnOrder() {
    try (InMemoryEmitter out = InMemoryEmitter.of(PaymentEvent.class)) {
      charge(Delivery.of(Topic.of(OrderPlaced.class), ORDER), out);
      assertThat(out.events()).containsExactly(payment(ORDER));
    }
  }

  @Test
  void startsABrokerOfItsOwn() {
    try (EmbeddedKafka kafka =
        EmbeddedKafka.builder().property("message.max.bytes", "33554432").start()) {
      kafka.createTopic("orders", 3);
      String topic = kafka.uniqueTopic("orders", 3); // one that no other test has
      assertThat(topic).startsWith("orders-");
    }
  }

  @Test
  @Tag("full")
  void waitsForABrokerThatComesBack() {
    UserEvent event = UserEvent.newBuilder().setUserId("user-123").build();
    try (KafkaCluster kafka = KafkaCluster.start()) {
      KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
      try (var publisher =
          HermesPublisher.builder(UserEvent.class).settings(settings).createTopics().open()) {
        kafka.broker(1).kill();
        CompletableFuture<Receipt> receipt = publisher.publish(event);
        kafka.broker(1).start();
        assertThat(receipt).succeedsWithin(ofSeconds(60));
      }
    }
  }

  @Test
  void readsBackWhatWasPublished(Kafka kafka) {
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    UserEvent event = UserEvent.newBuilder().setUserId("user-123").build();
    try (var publisher =
        HermesPublisher.builder(UserEvent.class).settings(settings).createTopics().open()) {
      publisher.publishAndWait(event, ofSeconds(10));
    }
    try (var reader = HermesReader.builder(UserEvent.class).settings(settings).toEnd().open()) {
      assertThat(reader).anyMatch(record -> record.event().equals(event));
    }
  }

  @Test
  void readsNothingOfATransactionThatIsOpen(Kafka kafka) {
    KafkaSettings settings = KafkaSettings.of(kafka.bootstrapServers());
    UserEvent event = UserEvent.newBuilder().setUserId("user-123").build();
    Topic<UserEvent> topic = Topic.of(UserEvent.class).withName(kafka.uniqueTopic("users", 1));
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic.name(), topic.key(event), event.toByteArray());
    try (HeldTransaction held = kafka.holdTransaction("settlement", record);
        var reader = HermesReader.builder(topic).settings(settings).open()) {
      assertThat(reader.poll(ofSeconds(1))).isNull(); // not committed yet
      held.commit();
      assertThat(reader.poll(ofSeconds(30))).isNotNull();
    }
  }
}
