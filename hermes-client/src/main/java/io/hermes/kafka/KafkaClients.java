package io.hermes.kafka;

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/**
 * Creates Kafka's own clients, with bytes for keys and values: the extension point to decorate or
 * replace them. Methods may be called from any thread. The caller closes the client.
 */
public interface KafkaClients {

  /**
   * A producer.
   *
   * @param config Kafka's properties, except the serializers
   * @return a new producer
   */
  Producer<byte[], byte[]> producer(Map<String, Object> config);

  /**
   * A consumer.
   *
   * @param config Kafka's properties, except the deserializers
   * @return a new consumer
   */
  Consumer<byte[], byte[]> consumer(Map<String, Object> config);

  /**
   * An admin client.
   *
   * @param config Kafka's properties
   * @return a new admin client
   */
  Admin admin(Map<String, Object> config);

  /**
   * The standard clients of kafka-clients.
   *
   * @throws io.hermes.SettingsException if kafka-clients is older than Hermes supports
   */
  static KafkaClients standard() {
    ClientVersion.check();
    return StandardClients.INSTANCE;
  }
}
