package io.hermes.subscribe;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testkit.Kafka;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A topic of user events that one test has for itself, written and read by Kafka's own clients. */
final class Users implements AutoCloseable {

  /** Kafka's three seconds would be what most tests of rebalances wait for. */
  static final int HEARTBEAT_MS = 300;

  private final String bootstrapServers;
  private final Topic<UserEvent> topic;
  private final KafkaProducer<byte[], byte[]> producer;
  private final String group = "group-" + UUID.randomUUID();

  Users(Kafka kafka, int partitions) {
    this(kafka.bootstrapServers(), kafka.uniqueTopic("users", partitions));
  }

  Users(String bootstrapServers, String name) {
    this.bootstrapServers = bootstrapServers;
    this.topic = topicOf(name);
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 0),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  static Topic<UserEvent> topicOf(String name) {
    return Topic.builder(UserEvent.class, name).keyField("user_id").typeField("event_type").build();
  }

  static UserEvent event(String user, int number) {
    return UserEvent.newBuilder().setUserId(user).setEventId(Integer.toString(number)).build();
  }

  Topic<UserEvent> topic() {
    return topic;
  }

  String group() {
    return group;
  }

  KafkaSettings settings() {
    return KafkaSettings.builder()
        .bootstrapServers(bootstrapServers)
        .property("auto.commit.interval.ms", 50)
        .build();
  }

  /** A builder for this topic and a group of its own, whose members soon notice each other. */
  SubscriberBuilder<UserEvent> subscriber() {
    KafkaSettings quick =
        settings().toBuilder().property("heartbeat.interval.ms", HEARTBEAT_MS).build();
    return HermesSubscriber.builder(topic).settings(quick).group(group);
  }

  Future<?> send(String user, int number) {
    UserEvent event = event(user, number);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic.name(), topic.key(event), event.toByteArray());
    topic.addHeaders(event, record.headers());
    return producer.send(record);
  }

  Future<?> send(ProducerRecord<byte[], byte[]> record) {
    return producer.send(record);
  }

  ProducerRecord<byte[], byte[]> record(@Nullable String key, byte @Nullable [] value) {
    return new ProducerRecord<>(topic.name(), key == null ? null : bytes(key), value);
  }

  /** So many events, numbered from 0 for each of the users. */
  void sendAll(int users, int eventsEach) throws Exception {
    List<Future<?>> sent = new ArrayList<>();
    for (int number = 0; number < eventsEach; number++) {
      for (int user = 0; user < users; user++) {
        sent.add(send("user-" + user, number));
      }
    }
    for (Future<?> each : sent) {
      each.get(30, TimeUnit.SECONDS);
    }
  }

  /** What the group has committed. */
  Map<TopicPartition, OffsetAndMetadata> committed() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      return admin
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get(30, TimeUnit.SECONDS);
    }
  }

  /** The committed offsets of all partitions, added up. */
  long committedSum() throws Exception {
    return committed().values().stream().mapToLong(OffsetAndMetadata::offset).sum();
  }

  /** Everything that is on a topic now. */
  List<ConsumerRecord<byte[], byte[]>> read(String name) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrapServers);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      Set<TopicPartition> partitions =
          IntStream.range(0, consumer.partitionsFor(name).size())
              .mapToObj(partition -> new TopicPartition(name, partition))
              .collect(Collectors.toSet());
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        consumer.poll(java.time.Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }

  List<ConsumerRecord<byte[], byte[]>> deadLetters() {
    return read(DeadLetterHeaders.topicOf(topic.name()));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte @Nullable [] bytes) {
    return bytes == null ? "null" : new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close(java.time.Duration.ofSeconds(5));
  }
}
