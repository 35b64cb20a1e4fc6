package io.hermes.subscribe;

import io.hermes.kafka.KafkaSettings;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * The consumer group and its cluster. Immutable.
 *
 * @param where the bootstrap servers, for messages
 * @param isOfConsumerProtocol whether the brokers assign the partitions (KIP-848), instead of the
 *     members as in the classic protocol
 */
record Group(String name, String where, boolean isOfConsumerProtocol) {

  static Group of(String name, KafkaSettings settings) {
    Object protocol =
        settings.consumerProperties(Map.of()).get(ConsumerConfig.GROUP_PROTOCOL_CONFIG);
    return new Group(
        name,
        settings.bootstrapServers(),
        protocol != null && protocol.toString().equalsIgnoreCase("consumer"));
  }
}
