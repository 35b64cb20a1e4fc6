package io.hermes.subscribe;

import io.hermes.kafka.KafkaSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.TopicPartition;

/**
 * A member in a JVM of its own, which can be killed. It appends a line to a file when a handler
 * begins (B partition offset key number), when it ends (E ...), and when a commit is acknowledged
 * (C partition offset).
 *
 * <p>Arguments: bootstrap servers, topic, group, file, milliseconds that a handler takes.
 */
final class MemberMain {

  private MemberMain() {}

  public static void main(String[] args) {
    Path file = Path.of(args[3]);
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
                offsets.forEach((id, offset) -> append(file, "C " + id.partition() + " " + offset));
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
              append(file, "B " + what);
              Thread.sleep(sleepMs);
              append(file, "E " + what);
            })
        .runUntilShutdown();
  }

  private static synchronized void append(Path file, String line) {
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Starts it; its end closes nothing, and the caller kills it. */
  static Process launch(String servers, String topic, String group, Path file, long sleepMs)
      throws IOException {
    List<String> command =
        new CopyOnWriteArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                MemberMain.class.getName()));
    command.addAll(List.of(servers, topic, group, file.toString(), Long.toString(sleepMs)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(Path.of(file + ".log").toFile())
        .start();
  }
}
