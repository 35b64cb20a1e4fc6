package io.hermes.read;

import static java.util.concurrent.TimeUnit.SECONDS;

import com.google.protobuf.Message;
import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.events.v1.UserEvent.EventType;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testkit.Kafka;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A topic of a test's own, written with Kafka's own producer and read with a reader. */
final class Written implements AutoCloseable {

  final Topic<UserEvent> topic;
  final Kafka kafka;
  final KafkaProducer<byte[], byte[]> producer;

  Written(Kafka kafka, int partitions) {
    this(kafka, kafka.uniqueTopic("read", partitions), Map.of());
  }

  /** For a topic that there is. */
  Written(Kafka kafka, String name, Map<String, ?> producerConfig) {
    this.kafka = kafka;
    this.topic =
        Topic.builder(UserEvent.class, name).keyField("user_id").typeField("event_type").build();
    Map<String, Object> config = new HashMap<>(producerConfig);
    config.put("bootstrap.servers", kafka.bootstrapServers());
    config.put("linger.ms", 0);
    this.producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static UserEvent event(int number) {
    return UserEvent.newBuilder()
        .setEventId("event-" + number)
        .setUserId("user-" + number)
        .setEventType(EventType.USER_LOGIN)
        .build();
  }

  /** The record of an event, with its headers. */
  ProducerRecord<byte[], byte[]> record(int partition, @Nullable Long timestamp, UserEvent event) {
    return record(topic, partition, timestamp, event);
  }

  static <M extends Message> ProducerRecord<byte[], byte[]> record(
      Topic<M> topic, int partition, @Nullable Long timestamp, M event) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic.name(), partition, timestamp, topic.key(event), event.toByteArray());
    topic.addHeaders(event, record.headers());
    return record;
  }

  /** Writes events number {@code from} to {@code to} to one partition, at these milliseconds. */
  void write(int partition, int from, int to) throws Exception {
    for (int number = from; number <= to; number++) {
      send(record(partition, (long) number, event(number)));
    }
  }

  void send(ProducerRecord<byte[], byte[]> record) throws Exception {
    var sent = producer.send(record);
    producer.flush();
    sent.get(10, SECONDS);
  }

  void sendRaw(byte @Nullable [] value, @Nullable String messageType) throws Exception {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic.name(), 0, new byte[] {1}, value);
    if (messageType != null) {
      record.headers().add(EventHeaders.MESSAGE_TYPE, messageType.getBytes(StandardCharsets.UTF_8));
    }
    send(record);
  }

  KafkaSettings settings() {
    return KafkaSettings.of(kafka.bootstrapServers());
  }

  HermesReader.Builder<UserEvent> reader() {
    return HermesReader.builder(topic).settings(settings());
  }

  Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  /** Reads to the end. */
  static List<String> ids(HermesReader.Builder<UserEvent> builder) {
    try (HermesReader<UserEvent> reader = builder.toEnd().open()) {
      List<String> ids = new ArrayList<>();
      reader.forEach(record -> ids.add(record.event().getEventId()));
      return ids;
    }
  }

  /** The next so many, waiting for them. */
  static List<String> next(HermesReader<UserEvent> reader, int count) {
    List<String> ids = new ArrayList<>();
    while (ids.size() < count) {
      EventRecord<UserEvent> record = reader.poll(Duration.ofSeconds(20));
      if (record == null) {
        throw new AssertionError("Only " + ids);
      }
      ids.add(record.event().getEventId());
    }
    return ids;
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
