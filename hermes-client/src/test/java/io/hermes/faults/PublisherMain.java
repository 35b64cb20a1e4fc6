package io.hermes.faults;

import io.hermes.PublishRejectedException;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.testing.Child;
import io.hermes.testing.Events;
import io.hermes.testing.History;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A publisher in a JVM of its own: numbers the events of each key from 0 on, at a steady rate,
 * until a file appears. It notes the outcome of each: A key number partition offset (acknowledged),
 * R key number (rejected), U key number (unknown).
 *
 * <p>Arguments: bootstrap servers, topic, what its keys start with, history, file that ends it.
 */
final class PublisherMain {

  private static final int KEYS = 40;
  private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(1) / 250;

  private PublisherMain() {}

  /** Starts one, whose keys no other life has. */
  static Child launch(String bootstrapServers, String topic, Path directory, int life, Path end)
      throws IOException {
    Path history = directory.resolve("publisher-" + life);
    return Child.launch(
        PublisherMain.class,
        history,
        bootstrapServers,
        topic,
        "user-" + life,
        history.toString(),
        end.toString());
  }

  public static void main(String[] args) {
    Child.endWithParent();
    History history = new History(Path.of(args[3]));
    Path end = Path.of(args[4]);
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(args[0])
            .openTimeout(Duration.ofMinutes(1))
            .build();
    try (HermesPublisher<UserEvent> publisher =
        HermesPublisher.builder(Events.topic(args[1])).settings(settings).open()) {
      for (int i = 0; !Files.exists(end); i++) {
        publish(publisher, args[2] + "-" + i % KEYS, i / KEYS, history);
        LockSupport.parkNanos(PAUSE_NS);
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
