package io.hermes.subscribe;

import io.hermes.kafka.KafkaSettings;
import io.hermes.testing.Child;
import io.hermes.testing.History;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * A member in a JVM of its own, which can be killed. Its history tells when a handler begins (B
 * partition offset key number), when it ends (E ...), and when a commit is acknowledged (C
 * partition offset).
 *
 * <p>Arguments: bootstrap servers, topic, group, history, milliseconds that a handler takes.
 */
final class MemberMain {

  private MemberMain() {}

  public static void main(String[] args) {
    Child.endWithParent();
    History history = new History(Path.of(args[3]));
    long sleepMs = Long.parseLong(args[4]);
    KafkaSettings settings =
        KafkaSettings.builder()
            .bootstrapServers(args[0])
            .openTimeout(Duration.ofSeconds(60))
            .property("auto.commit.interval.ms", 100)
            .property("session.timeout.ms", 6000)
            .build();
    HermesSubscriber.builder(Users.topicOf(args[1]))
        .settings(settings)
        .group(args[2])
        .concurrency(4)
        .maxInFlight(40, 1 << 20)
        .listener(
            new SubscriberListener() {
              @Override
              public void committed(Map<TopicPartition, Long> offsets) {
                offsets.forEach((id, offset) -> history.add("C", id.partition(), offset));
              }
            })
        .start(
            delivery -> {
              String what =
                  delivery.record().partition()
                      + " "
                      + delivery.record().offset()
                      + " "
                      + delivery.event().getUserId()
                      + " "
                      + delivery.event().getEventId();
              history.add("B", what);
              Thread.sleep(sleepMs);
              history.add("E", what);
            })
        .runUntilShutdown();
  }

  /** Starts it; the caller kills it. */
  static Child launch(String servers, String topic, String group, Path history, long sleepMs)
      throws IOException {
    return Child.launch(
        MemberMain.class,
        history,
        servers,
        topic,
        group,
        history.toString(),
        Long.toString(sleepMs));
  }
}
