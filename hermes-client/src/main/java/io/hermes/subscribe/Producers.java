package io.hermes.subscribe;

import io.hermes.kafka.ClientIds;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TransactionFailures;
import io.hermes.kafka.TransactionalIds;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Creates the producers of a subscriber. Immutable. */
final class Producers {

  private static final String ROLE = "pipe";
  private static final int LARGEST_REQUEST = 32 << 20;

  /** How long a crashed pipe may block the readers of its output topics. */
  private static final int TRANSACTION_TIMEOUT_MS = 10_000;

  private final String group;
  private final KafkaSettings settings;
  private final String transactionalId;

  Producers(SubscriberConfig config) {
    this.group = config.group();
    this.settings = ClientIds.ofGroup(config.settings(), config.group());
    this.transactionalId = transactionalId();
  }

  /** Creates the dead-letter producer when the first dead letter is sent. */
  Producer<byte[], byte[]> ofDeadLetters() {
    return settings.clients().producer(properties("dlt", new HashMap<>()));
  }

  /**
   * The transactional id of one pipe. Members of a group have different ids, so none fences
   * another. A static member has the same id after a restart, so the restart immediately ends the
   * transaction that it had open.
   */
  private String transactionalId() {
    Object staticName =
        settings.consumerProperties(Map.of()).get(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    return staticName == null
        ? TransactionalIds.create(group, ROLE)
        : group + "-" + ROLE + "-" + staticName;
  }

  /** Classifies failures of the transactional producer. */
  TransactionFailures failures() {
    return new TransactionFailures(settings.bootstrapServers(), transactionalId);
  }

  /** Creates the producers of one pipe's transactions, one after another. */
  Supplier<Producer<byte[], byte[]>> ofTransactions() {
    Map<String, Object> defaults = new HashMap<>();
    defaults.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    defaults.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024);
    defaults.put(ProducerConfig.COMPRESSION_ZSTD_LEVEL_CONFIG, 1);
    defaults.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS);
    Map<String, Object> properties = properties(ROLE, defaults);
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
    return () -> settings.clients().producer(properties);
  }

  private Map<String, Object> properties(String role, Map<String, Object> defaults) {
    defaults.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
    defaults.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_REQUEST);
    defaults.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
    defaults.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    Map<String, Object> properties = settings.producerProperties(defaults);
    ClientIds.assign(properties, role);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
    properties.put(
        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) DeadLetters.DELIVERY_TIMEOUT.toMillis());
    return properties;
  }
}
