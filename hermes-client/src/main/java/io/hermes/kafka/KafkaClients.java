package io.hermes.kafka;

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/**
 * Makes Kafka's own clients, with bytes for keys and values: the one seam to decorate or replace
 * them. Methods are called from any thread; who is given a client closes it.
 */
public interface KafkaClients {

  /**
   * A producer.
   *
   * @param config Kafka's properties, all but the serializers
   * @return a new producer
   */
  Producer<byte[], byte[]> producer(Map<String, Object> config);

  /**
   * A consumer.
   *
   * @param config Kafka's properties, all but the deserializers
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
   * The clients of kafka-clients as they are.
   *
   * @throws io.hermes.SettingsException if kafka-clients is older than Hermes supports
   */
  static KafkaClients standard() {
    ClientVersion.check();
    return StandardClients.INSTANCE;
  }
}
