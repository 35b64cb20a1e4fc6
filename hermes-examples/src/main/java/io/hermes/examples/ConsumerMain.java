package io.hermes.examples;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.hermes.events.v1.UserEvent;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.ProcessingOrder;

/**
 * Handles the events of user.events as a member of the group "example", until Ctrl-C. The variable
 * {@code KAFKA_BROKER} sets the broker's address; the default is {@code localhost:9092}.
 */
public final class ConsumerMain {

  private ConsumerMain() {}

  /** Runs without arguments. */
  public static void main(String[] args) {
    HermesSubscriber subscriber =
        HermesSubscriber.builder(UserEvent.class)
            .group("example")
            // Events of the same user are handled in order, those of different users in parallel.
            .order(ProcessingOrder.KEY)
            .concurrency(8)
            // After five failed attempts an event goes to user.events-dlt with its original bytes.
            .onError(ErrorPolicy.retry(5).backoff(ofMillis(100), ofSeconds(10)).thenDeadLetter())
            .start(ConsumerMain::handle);

    // On Ctrl-C or SIGTERM, waits for running handlers, and commits what they finished.
    subscriber.runUntilShutdown();
  }

  /** Returning acks the event; throwing passes it to the error policy. */
  private static void handle(Delivery<UserEvent> delivery) {
    UserEvent event = delivery.event();
    System.out.printf(
        "%s of %s from %s, at offset %d%n",
        event.getEventType(),
        event.getUserId(),
        event.getData().getMetadataOrDefault("source", "somewhere"),
        delivery.record().offset());
  }
}
