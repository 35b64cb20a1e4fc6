package io.hermes.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.hermes.Topic;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaClients;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Events;
import io.hermes.testing.RawRecords;
import io.hermes.testkit.Kafka;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

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

  /** As {@link #visibleUsers}, once no transaction is open. */
  List<Integer> committedUsers() {
    awaitMarkers(users.name());
    return visibleUsers();
  }

  /** The numbers of the logins that read-committed readers see now. */
  List<Integer> visibleUsers() {
    return RawRecords.readCommitted(kafka, users.name()).stream()
        .map(record -> Events.number(parse(record.value())))
        .toList();
  }

  /** As {@link #visiblePayments}, once no transaction is open. */
  List<Integer> committedPayments() {
    awaitMarkers(payments.name());
    return visiblePayments();
  }

  /** The numbers of the payments that read-committed readers see now, in ascending order. */
  List<Integer> visiblePayments() {
    return RawRecords.readCommitted(kafka, payments.name()).stream()
        .map(
            record ->
                Integer.parseInt(new String(record.key(), UTF_8).substring("payment-".length())))
        .sorted()
        .toList();
  }

  /**
   * The coordinator answers a commit once it has logged it. The partitions have their markers, and
   * readers the events, a moment later; after a broker's restart it is a longer one.
   */
  private void awaitMarkers(String topic) {
    long deadlineNs = System.nanoTime() + SECONDS.toNanos(30);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      while (!ends(admin, topic, IsolationLevel.READ_COMMITTED)
          .equals(ends(admin, topic, IsolationLevel.READ_UNCOMMITTED))) {
        if (System.nanoTime() - deadlineNs > 0) {
          throw new AssertionError("A transaction in " + topic + " is still open after 30 s");
        }
        LockSupport.parkNanos(10_000_000);
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Map<TopicPartition, Long> ends(Admin admin, String topic, IsolationLevel level)
      throws Exception {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (TopicDescription found :
        admin.describeTopics(List.of(topic)).allTopicNames().get().values()) {
      for (TopicPartitionInfo info : found.partitions()) {
        latest.put(new TopicPartition(topic, info.partition()), OffsetSpec.latest());
      }
    }
    Map<TopicPartition, Long> ends = new HashMap<>();
    admin
        .listOffsets(latest, new ListOffsetsOptions(level))
        .all()
        .get()
        .forEach((partition, info) -> ends.put(partition, info.offset()));
    return ends;
  }

  private static UserEvent parse(byte[] value) {
    try {
      return UserEvent.parseFrom(value);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
