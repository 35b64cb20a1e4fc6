package io.hermes.kafka;

import java.util.HashMap;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** Makes one of each of Kafka's clients, with whatever logs on this class path. */
final class KafkaDumpsMain {

  private KafkaDumpsMain() {}

  public static void main(String[] args) {
    Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", "localhost:1"));
    KafkaClients clients = KafkaClients.standard();
    clients.admin(config).close();
    clients.producer(config).close();
    clients.consumer(config).close();
    LoggerFactory.getLogger("org.apache.kafka.clients.admin.internals.AdminMetadataManager")
        .info("found no broker");
    LoggerFactory.getLogger("org.apache.kafka.Other").info("another logger of Kafka");
    LoggerFactory.getLogger("org.apache.kafka.common.config.AbstractConfig").warn("a warning");
  }
}
