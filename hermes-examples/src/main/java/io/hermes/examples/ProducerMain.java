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
 * Publishes a registration and a hundred logins, and waits until all are acknowledged. The variable
 * {@code KAFKA_BROKER} sets the broker's address; the default is {@code localhost:9092}.
 */
public final class ProducerMain {

  private static final int LOGINS = 100;

  private ProducerMain() {}

  /** Runs without arguments. */
  public static void main(String[] args) {
    // Topic, key and headers come from the schema. createTopics() also creates the topic from it.
    try (HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(UserEvent.class).createTopics().open()) {

      // publish() does not wait for the broker; its future completes on acknowledgement.
      List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
      receipts.add(publisher.publish(event("user-123", EventType.USER_REGISTERED)));
      for (int i = 0; i < LOGINS; i++) {
        receipts.add(publisher.publish(event("user-" + i, EventType.USER_LOGIN)));
      }

      // A receipt means that all in-sync replicas have the event. Otherwise join() throws a
      // PublishRejectedException (certainly not written) or a PublishUnknownException (possibly
      // written).
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
