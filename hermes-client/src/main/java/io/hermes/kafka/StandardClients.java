package io.hermes.kafka;

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Creates the standard Kafka clients, whose threads inherit Hermes' class loader. */
enum StandardClients implements KafkaClients {
  INSTANCE;

  @Override
  public Producer<byte[], byte[]> producer(Map<String, Object> config) {
    OAuthBearer.check(config);
    KafkaDumps.silence();
    return ClassLoading.withOurs(
        () -> new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()));
  }

  @Override
  public Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
    OAuthBearer.check(config);
    KafkaDumps.silence();
    return ClassLoading.withOurs(
        () ->
            new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
  }

  @Override
  public Admin admin(Map<String, Object> config) {
    OAuthBearer.check(config);
    KafkaDumps.silence();
    return ClassLoading.withOurs(() -> Admin.create(config));
  }
}
