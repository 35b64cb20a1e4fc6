package io.hermes.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A running Kafka for tests: its address, and methods to create topics, and to hold and fence
 * transactions.
 *
 * <p>Implemented by {@link EmbeddedKafka} and {@link KafkaCluster}, and injected by {@link
 * KafkaTest}, where it may also be a container or a cluster that was started elsewhere. It has no
 * {@code close()}: the code that started the brokers also stops them.
 *
 * <p>Safe for any thread.
 */
public interface Kafka {

  /**
   * Where clients connect.
   *
   * @return {@code host:port}, several separated by commas; for {@code bootstrap.servers}
   */
  String bootstrapServers();

  /**
   * Creates a topic with the broker's defaults and waits until it can be written and read.
   *
   * @see #createTopic(String, int, Map)
   */
  default void createTopic(String name, int partitions) {
    createTopic(name, partitions, Map.of());
  }

  /**
   * Creates a topic and waits until each of its partitions has a leader that responds, because
   * records sent immediately after Kafka's own {@code createTopics} returns can get lost. The
   * replication factor is the brokers' default. Waits at most 30 seconds.
   *
   * @param name the topic's name
   * @param partitions the number of partitions, at least 1
   * @param configs the topic's configuration, such as {@code cleanup.policy}; may be empty
   * @throws org.apache.kafka.common.errors.TopicExistsException if the topic already exists
   * @throws org.apache.kafka.common.errors.TimeoutException if it is not ready within the 30
   *     seconds
   * @throws org.apache.kafka.common.KafkaException if the broker reports another error
   */
  void createTopic(String name, int partitions, Map<String, String> configs);

  /**
   * Creates a topic with a unique name, which isolates tests that share a Kafka.
   *
   * @param prefix the beginning of its name
   * @param partitions the number of partitions, at least 1
   * @return the topic's name; it is ready, as after {@link #createTopic(String, int)}
   */
  default String uniqueTopic(String prefix, int partitions) {
    String name = prefix + "-" + UUID.randomUUID();
    createTopic(name, partitions);
    return name;
  }

  /**
   * Begins a transaction, as another program would, and writes a first record in it. It stays open
   * until the test ends it. If the transactional id already has a producer, that producer is fenced
   * and its open transaction aborted, as when a second instance of a program starts. Waits at most
   * 30 seconds for each step.
   *
   * @param transactionalId the producer's {@code transactional.id}
   * @param first a record for an existing topic
   * @return the open transaction, which the caller closes
   * @throws org.apache.kafka.common.KafkaException if it cannot begin, or the record is not written
   */
  default HeldTransaction holdTransaction(
      String transactionalId, ProducerRecord<byte[], byte[]> first) {
    return HeldTransaction.begin(this, transactionalId, first);
  }

  /**
   * Fences the producer of a transactional id and aborts its open transaction, as an administrator
   * does with {@code Admin.fenceProducers}. The producer's next operation fails with {@code
   * ProducerFencedException} or {@code InvalidProducerEpochException}. Returns when the transaction
   * no longer blocks readers, within 30 seconds.
   *
   * @param transactionalId the producer's {@code transactional.id}
   * @throws org.apache.kafka.common.KafkaException if it cannot be fenced
   */
  default void fence(String transactionalId) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    try (Admin admin = Admins.connect(bootstrapServers())) {
      Admins.await(
          admin.fenceProducers(List.of(transactionalId)).all(),
          deadlineNs,
          "fencing of " + transactionalId);
    }
  }
}
