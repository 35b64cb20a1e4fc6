package com.acme.accounts;

import io.hermes.events.v1.UserEvent;
import io.hermes.events.v1.UserEvent.EventType;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.Receipt;
import io.hermes.subscribe.HermesSubscriber;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Publishes registrations, and opens an account for each that it hears of. */
public final class AccountService implements AutoCloseable {

  private final Consumer<String> accounts;
  private final HermesPublisher<UserEvent> publisher;
  private final HermesSubscriber subscriber;

  /**
   * Publishes and subscribes until it is closed.
   *
   * @param settings where Kafka is
   * @param accounts opens the account of a user; after a crash perhaps once more
   */
  public AccountService(KafkaSettings settings, Consumer<String> accounts) {
    this.accounts = accounts;
    publisher = HermesPublisher.builder(UserEvent.class).settings(settings).createTopics().open();
    subscriber =
        HermesSubscriber.builder(UserEvent.class)
            .settings(settings)
            .group("accounts")
            .start(delivery -> handle(delivery.event()));
  }

  /** Runs until it is told to stop; Kafka is where {@code KAFKA_BROKER} says. */
  public static void main(String[] args) {
    try (var service = new AccountService(KafkaSettings.fromEnvironment(), System.out::println)) {
      service.subscriber.runUntilShutdown();
    }
  }

  /** Publishes that somebody has registered. */
  public CompletableFuture<Receipt> register(String userId) {
    return publisher.publish(
        UserEvent.newBuilder()
            .setEventId(UUID.randomUUID().toString())
            .setTimestamp(System.currentTimeMillis())
            .setUserId(userId)
            .setEventType(EventType.USER_REGISTERED)
            .build());
  }

  private void handle(UserEvent event) {
    if (event.getEventType() == EventType.USER_REGISTERED) {
      accounts.accept(event.getUserId());
    }
  }

  @Override
  public void close() {
    subscriber.close();
    publisher.close();
  }
}
