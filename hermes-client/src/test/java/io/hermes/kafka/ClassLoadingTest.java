package io.hermes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.publish.HermesPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testing.Programs;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.File;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The class loaders of a Spring Boot executable jar: the system's sees nothing but a launcher. */
@KafkaTest
class ClassLoadingTest {

  private final Kafka kafka;

  ClassLoadingTest(Kafka kafka) {
    this.kafka = kafka;
  }

  @Test
  void opensOnAThreadOfTheCommonPoolThatCannotSeeKafka(@TempDir Path launcher) throws Exception {
    String topic = kafka.uniqueTopic("loader", 1);
    Path file = launcher.resolve(Launcher.class.getName().replace('.', '/') + ".class");
    Files.createDirectories(file.getParent());
    try (InputStream in = Launcher.class.getResourceAsStream(file.getFileName().toString())) {
      Files.copy(in, file);
    }
    String output =
        Programs.output(
            List.of(
                "-cp",
                launcher.toString(),
                Launcher.class.getName(),
                System.getProperty("java.class.path"),
                Opens.class.getName(),
                kafka.bootstrapServers(),
                topic));
    assertThat(output)
        .contains("published", "subscribed", "read", "the context class loader is as before");
  }

  /** Alone in the system's class loader. */
  static final class Launcher {

    public static void main(String[] args) throws Exception {
      String[] paths = args[0].split(File.pathSeparator, -1);
      URL[] urls = new URL[paths.length];
      for (int i = 0; i < paths.length; i++) {
        urls[i] = Path.of(paths[i]).toUri().toURL();
      }
      URLClassLoader inner =
          new URLClassLoader(urls, ClassLoader.getSystemClassLoader().getParent());
      Runnable opens =
          Class.forName(args[1], true, inner)
              .asSubclass(Runnable.class)
              .getDeclaredConstructor(String.class, String.class)
              .newInstance(args[2], args[3]);
      ForkJoinPool.commonPool().submit(opens).get();
    }
  }

  /** The service. */
  public static final class Opens implements Runnable {

    private final String brokers;
    private final String name;

    public Opens(String brokers, String name) {
      this.brokers = brokers;
      this.name = name;
    }

    @Override
    @SuppressWarnings("try")
    public void run() {
      ClassLoader before = Thread.currentThread().getContextClassLoader();
      try {
        Class.forName("org.apache.kafka.clients.producer.KafkaProducer", false, before);
        throw new AssertionError("The context class loader sees Kafka");
      } catch (ClassNotFoundException asItShould) {
        // the point of this test
      }
      KafkaSettings settings =
          KafkaSettings.builder()
              .bootstrapServers(brokers)
              .openTimeout(Duration.ofSeconds(30))
              .property("client.id", "x")
              .build();
      Topic<UserEvent> topic = Topic.builder(UserEvent.class, name).keyField("user_id").build();
      try (var publisher = HermesPublisher.builder(topic).settings(settings).open()) {
        publisher.publish(UserEvent.newBuilder().setUserId("a").build()).join();
        System.out.println("published");
      }
      try (var subscriber =
          HermesSubscriber.builder(topic).group("loader").settings(settings).start(d -> {})) {
        System.out.println("subscribed");
      }
      try (var reader = HermesReader.builder(topic).settings(settings).toEnd().open()) {
        reader.forEach(record -> System.out.println("read"));
      }
      if (Thread.currentThread().getContextClassLoader() == before) {
        System.out.println("the context class loader is as before");
      }
    }
  }
}
