package io.hermes.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.EventHeaders;
import io.hermes.events.v1.UserEvent;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@KafkaTest
@Tag("broker") // whose JVM is this one, with the kafka-clients of the same version
class PlainKafkaClientsTest {

  @Test
  void plainKafkaClientsUseTheSerdesByName(Kafka kafka) throws Exception {
    String topic = kafka.uniqueTopic("serdes", 1);
    List<UserEvent> events = List.of(Events.small(1), Events.large(1, 200_000), Events.small(2));
    Map<String, Object> producing = new HashMap<>();
    producing.put("bootstrap.servers", kafka.bootstrapServers());
    producing.put("key.serializer", StringSerializer.class.getName());
    producing.put("value.serializer", ZstdProtobufSerializer.class.getName());
    producing.put("hermes.encoding", "zstd");
    try (KafkaProducer<String, UserEvent> producer = new KafkaProducer<>(producing)) {
      for (UserEvent event : events) {
        producer.send(new ProducerRecord<>(topic, event.getUserId(), event)).get();
      }
      producer.send(new ProducerRecord<>(topic, "gone", null)).get();
    }
    Map<String, Object> consuming = new HashMap<>();
    consuming.put("bootstrap.servers", kafka.bootstrapServers());
    consuming.put("key.deserializer", StringDeserializer.class.getName());
    consuming.put("value.deserializer", ZstdProtobufDeserializer.class.getName());
    consuming.put("hermes.message.class", UserEvent.class.getName());
    List<UserEvent> read = new ArrayList<>();
    List<String> encodings = new ArrayList<>();
    for (ConsumerRecord<String, UserEvent> record : consume(consuming, topic, 4)) {
      read.add(record.value());
      encodings.add(EventHeaders.text(record.headers(), EventHeaders.CONTENT_ENCODING));
    }
    assertThat(read).containsExactly(events.get(0), events.get(1), events.get(2), null);
    assertThat(encodings).contains("zstd").endsWith((String) null);
  }

  private static List<ConsumerRecord<String, UserEvent>> consume(
      Map<String, Object> configuration, String topic, int count) {
    List<ConsumerRecord<String, UserEvent>> records = new ArrayList<>();
    try (KafkaConsumer<String, UserEvent> consumer = new KafkaConsumer<>(configuration)) {
      List<TopicPartition> partitions = List.of(new TopicPartition(topic, 0));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (records.size() < count) {
        consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
      }
    }
    return records;
  }
}
