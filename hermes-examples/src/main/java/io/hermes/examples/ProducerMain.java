package io.hermes.examples;

import io.hermes.events.v1.UserEvent;
import io.hermes.events.v1.UserEvent.EventType;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Publishes a registration and a hundred logins, and waits until all are acknowledged. Kafka is
 * where {@code KAFKA_BROKER} says, by default at {@code localhost:9092}.
 */
public final class ProducerMain {

  private static final int LOGINS = 100;

  private ProducerMain() {}

  /** Runs without arguments. */
  public static void main(String[] args) {
    // Topic, key and headers come from the schema; so does the topic's making, if it is missing.
    try (HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(UserEvent.class).createTopics().open()) {

      // To publish does not wait for the broker: the future does.
      List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
      receipts.add(publisher.publish(event("user-123", EventType.USER_REGISTERED)));
      for (int i = 0; i < LOGINS; i++) {
        receipts.add(publisher.publish(event("user-" + i, EventType.USER_LOGIN)));
      }

      // A receipt means that all in-sync replicas have the event. An event without one ends its
      // future with a PublishRejectedException (certainly not written) or a
      // PublishUnknownException (perhaps written), which join() throws.
      for (CompletableFuture<Receipt> future : receipts) {
        Receipt receipt = future.join();
        System.out.printf("%s-%d@%d%n", receipt.topic(), receipt.partition(), receipt.offset());
      }
    }
  }

  private static UserEvent event(String user, EventType type) {
    return UserEvent.newBuilder()
        .setEventId(UUID.randomUUID().toString())
        .setTimestamp(System.currentTimeMillis())
        .setUserId(user)
        .setEventType(type)
        .setData(UserEvent.Data.newBuilder().putMetadata("source", "web"))
        .build();
  }
}
