package io.hermes.testkit;

import java.time.Duration;
import java.util.Map;

/** A Kafka cluster that is already running. Safe for any thread. */
final class ExternalKafka implements Kafka, AutoCloseable {

  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);

  private final String bootstrapServers;
  private final TestTopics topics = new TestTopics(this::bootstrapServers);

  private ExternalKafka(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /**
   * Connects, and waits for a response.
   *
   * @throws KafkaStartException if it does not respond within five seconds
   */
  static ExternalKafka connect(String bootstrapServers) {
    ExternalKafka kafka = new ExternalKafka(bootstrapServers);
    try {
      kafka.topics.awaitAnswer(ANSWER_TIMEOUT);
      return kafka;
    } catch (RuntimeException e) {
      kafka.close();
      throw new KafkaStartException(
          "No Kafka responds at "
              + bootstrapServers
              + ". Start it, or choose another one with -D"
              + SharedKafka.PROPERTY
              + ".",
          e);
    }
  }

  @Override
  public String bootstrapServers() {
    return bootstrapServers;
  }

  @Override
  public void createTopic(String name, int partitions, Map<String, String> configs) {
    topics.createTopic(name, partitions, configs);
  }

  @Override
  public void close() {
    topics.close();
  }
}
