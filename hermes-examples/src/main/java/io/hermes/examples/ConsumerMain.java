package io.hermes.examples;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.hermes.events.v1.UserEvent;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.ProcessingOrder;

/**
 * Handles the events of user.events as a member of the group "example", until Ctrl-C. Kafka is
 * where {@code KAFKA_BROKER} says, by default at {@code localhost:9092}.
 */
public final class ConsumerMain {

  private ConsumerMain() {}

  /** Runs without arguments. */
  public static void main(String[] args) {
    HermesSubscriber subscriber =
        HermesSubscriber.builder(UserEvent.class)
            .group("example")
            // Events of one user come one after the other, those of others at the same time.
            .order(ProcessingOrder.KEY)
            .concurrency(8)
            // What fails five times goes to user.events-dlt with its original bytes.
            .onError(ErrorPolicy.retry(5).backoff(ofMillis(100), ofSeconds(10)).thenDeadLetter())
            .start(ConsumerMain::handle);

    // On Ctrl-C or SIGTERM the handlers that run end, and what they finished is committed.
    subscriber.runUntilShutdown();
  }

  /** To return acks the event; to throw gives it to the error policy. */
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
