package io.hermes.publish;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.hermes.Topic;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaClients;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Events;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Kafka;
import java.util.List;

/** Two topics of different types, for transactions across them. */
record TransactionTopics(Kafka kafka, Topic<UserEvent> users, Topic<PaymentEvent> payments) {

  static TransactionTopics create(Kafka kafka) {
    Topic<PaymentEvent> payments =
        Topic.builder(PaymentEvent.class, kafka.uniqueTopic("payment.events", 2))
            .keyField("payment_id")
            .build();
    return new TransactionTopics(kafka, Events.newTopic(kafka, 1), payments);
  }

  TransactionalPublisher.Builder builder() {
    return TransactionalPublisher.builder()
        .topic(users)
        .topic(payments)
        .settings(KafkaSettings.of(kafka.bootstrapServers()));
  }

  TransactionalPublisher.Builder builder(KafkaClients clients) {
    return builder()
        .settings(
            KafkaSettings.builder()
                .bootstrapServers(kafka.bootstrapServers())
                .clients(clients)
                .build());
  }

  static PaymentEvent payment(String id) {
    return PaymentEvent.newBuilder().setEventId(id).setPaymentId(id).build();
  }

  /** Publishes one event to each topic. */
  static List<Receipt> both(TransactionalPublisher publisher, int number) {
    return publisher.transaction(
        tx -> {
          tx.publish(Events.login("user-1", number));
          tx.publish(payment("payment-" + number));
        });
  }

  /** The numbers of the logins that read-committed readers see. */
  List<Integer> committedUsers() {
    return RawRecords.readCommitted(kafka, users.name()).stream()
        .map(record -> Events.number(parse(record.value())))
        .toList();
  }

  /** The numbers of the payments that read-committed readers see, in ascending order. */
  List<Integer> committedPayments() {
    return RawRecords.readCommitted(kafka, payments.name()).stream()
        .map(
            record ->
                Integer.parseInt(new String(record.key(), UTF_8).substring("payment-".length())))
        .sorted()
        .toList();
  }

  private static UserEvent parse(byte[] value) {
    try {
      return UserEvent.parseFrom(value);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
