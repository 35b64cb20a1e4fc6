package io.hermes.testkit;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** A broker in a container. Needs Testcontainers on the class path. Safe for any thread. */
final class ContainerKafka implements Kafka, AutoCloseable {

  private static final String IMAGE = "apache/kafka:4.3.1";

  private final KafkaContainer container;
  private final TestTopics topics = new TestTopics(this::bootstrapServers);

  private ContainerKafka(KafkaContainer container) {
    this.container = container;
  }

  /**
   * Starts the container and waits until it is ready.
   *
   * @throws KafkaStartException if Docker is missing, or the image cannot be pulled or does not
   *     start
   */
  static ContainerKafka start() {
    @Nullable KafkaContainer container = null;
    try {
      container = new KafkaContainer(DockerImageName.parse(IMAGE));
      container.withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false").start();
      return new ContainerKafka(container);
    } catch (RuntimeException e) {
      if (container != null) {
        container.stop();
      }
      throw new KafkaStartException(
          "The container of "
              + IMAGE
              + " did not start. Check that Docker is running and the image is available. ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  @Override
  public String bootstrapServers() {
    return container.getBootstrapServers();
  }

  @Override
  public void createTopic(String name, int partitions, Map<String, String> configs) {
    topics.createTopic(name, partitions, configs);
  }

  @Override
  public void close() {
    topics.close();
    container.stop();
  }
}
