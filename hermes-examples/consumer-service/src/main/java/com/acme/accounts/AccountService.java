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

/** Publishes registrations, and opens an account for each registration that it receives. */
public final class AccountService implements AutoCloseable {

  private final Consumer<String> accounts;
  private final HermesPublisher<UserEvent> publisher;
  private final HermesSubscriber subscriber;

  /**
   * Publishes and subscribes until it is closed.
   *
   * @param settings how to connect to Kafka
   * @param accounts opens a user's account; must be idempotent, because events can be redelivered
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

  /** Runs until SIGTERM or Ctrl-C. The variable {@code KAFKA_BROKER} sets the broker's address. */
  public static void main(String[] args) {
    try (var service = new AccountService(KafkaSettings.fromEnvironment(), System.out::println)) {
      service.subscriber.runUntilShutdown();
    }
  }

  /** Publishes a user's registration. */
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
