package io.hermes.examples;

import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Publishes a registration and a hundred logins, and waits until all are acknowledged. Kafka is
 * where {@code KAFKA_BROKER} says, by default at {@code localhost:9092}.
 */
public final class ProducerMain {

  private ProducerMain() {}

  /** Runs without arguments. */
  public static void main(String[] args) {
    SampleEvents events = SampleEvents.random();

    // Topic, key and headers come from the schema; so does the topic's making, if it is missing.
    try (HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(UserEvent.class).createTopics().open()) {

      // To publish does not wait for the broker: the future does.
      List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
      for (int i = 0; i < 1 + SampleEvents.USERS; i++) {
        receipts.add(publisher.publish(events.next()));
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
}
