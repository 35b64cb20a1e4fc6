package io.hermes.faults;

import io.hermes.PublishRejectedException;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.testing.Child;
import io.hermes.testing.Events;
import io.hermes.testing.History;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A publisher in a JVM of its own: numbers the events of each key from 0 on, at a steady rate,
 * until a file appears. It notes the outcome of each: A key number partition offset (acknowledged),
 * R key number (rejected), U key number (unknown).
 *
 * <p>Arguments: bootstrap servers, topic, what its keys start with, events a second, history, file
 * that ends it.
 */
final class PublisherMain {

  private static final int KEYS = 40;

  private PublisherMain() {}

  public static void main(String[] args) {
    Child.endWithParent();
    long pauseNs = 1_000_000_000L / Integer.parseInt(args[3]);
    History history = new History(Path.of(args[4]));
    Path end = Path.of(args[5]);
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(args[0])
            .openTimeout(Duration.ofMinutes(1))
            .build();
    try (HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(Events.topic(args[1])).settings(settings).open()) {
      for (int i = 0; !Files.exists(end); i++) {
        publish(publisher, args[2] + "-" + i % KEYS, i / KEYS, history);
        LockSupport.parkNanos(pauseNs);
      }
    }
  }

  private static void publish(
      HermesPublisher<UserEvent> publisher, String key, int number, History history) {
    var unused =
        publisher
            .publish(Events.login(key, number))
            .whenComplete(
                (receipt, failure) -> {
                  if (receipt != null) {
                    history.add("A", key, number, receipt.partition(), receipt.offset());
                  } else {
                    boolean rejected = failure instanceof PublishRejectedException;
                    history.add(rejected ? "R" : "U", key, number);
                  }
                });
  }
}
