package io.hermes.cli;

import static io.hermes.cli.Records.utf8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.events.v1.UserEvent.EventType;
import io.hermes.subscribe.DeadLetterHeaders;
import io.hermes.testkit.Kafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A topic of user events and its dead letter topic, that no other test uses. */
public final class Letters {

  private final Kafka kafka;
  private final String topic;
  private final int partitions;
  private final List<ProducerRecord<byte[], byte[]>> unsent = new ArrayList<>();

  public Letters(Kafka kafka, int partitions) {
    this(kafka, partitions, Map.of());
  }

  public Letters(Kafka kafka, int partitions, Map<String, String> configuration) {
    this.kafka = kafka;
    this.partitions = partitions;
    this.topic = "users-" + UUID.randomUUID();
    kafka.createTopic(topic, partitions, configuration);
    kafka.createTopic(letterTopic(), partitions);
  }

  public String topic() {
    return topic;
  }

  public int partitions() {
    return partitions;
  }

  public String letterTopic() {
    return DeadLetterHeaders.topicOf(topic);
  }

  public Topic<UserEvent> contract() {
    return Topic.builder(UserEvent.class, topic)
        .keyField("user_id")
        .typeField("event_type")
        .build();
  }

  public static UserEvent event(String user, int number) {
    return UserEvent.newBuilder()
        .setEventId("e-" + number)
        .setUserId(user)
        .setEventType(number % 2 == 0 ? EventType.USER_LOGOUT : EventType.USER_LOGIN)
        .setData(UserEvent.Data.newBuilder().setEmail("jane@example.com"))
        .build();
  }

  /** Adds a letter of group billing as a subscriber writes it, for changing. */
  public ProducerRecord<byte[], byte[]> add(String user, int number) {
    UserEvent event = event(user, number);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(letterTopic(), utf8(user), event.toByteArray());
    contract().addHeaders(event, record.headers());
    record.headers().add("trace", utf8("t-" + number));
    put(record, DeadLetterHeaders.TOPIC, topic);
    put(record, DeadLetterHeaders.PARTITION, "0");
    put(record, DeadLetterHeaders.OFFSET, Integer.toString(number));
    put(record, DeadLetterHeaders.TIMESTAMP, "1767225600000");
    put(record, DeadLetterHeaders.GROUP, "billing");
    put(record, DeadLetterHeaders.EXCEPTION, "java.lang.IllegalStateException");
    put(record, DeadLetterHeaders.MESSAGE, "no account");
    put(record, DeadLetterHeaders.ATTEMPTS, "5");
    unsent.add(record);
    return record;
  }

  /** Gives what was added last another key, value or topic. */
  public void replaceLast(
      ProducerRecord<byte[], byte[]> record, byte @Nullable [] key, byte @Nullable [] value) {
    replaceLast(new ProducerRecord<>(letterTopic(), null, key, value, record.headers()));
  }

  public void replaceLast(ProducerRecord<byte[], byte[]> other) {
    unsent.set(unsent.size() - 1, other);
  }

  public static void put(ProducerRecord<?, ?> record, String header, String value) {
    record.headers().remove(header).add(header, utf8(value));
  }

  /** Sends what was added. */
  public void send() throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", "20"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      List<Future<?>> sent = new ArrayList<>();
      for (ProducerRecord<byte[], byte[]> record : unsent) {
        sent.add(producer.send(record));
      }
      for (Future<?> future : sent) {
        future.get();
      }
    }
    unsent.clear();
  }

  public Run dlt(String command, String... options) {
    List<String> args = new ArrayList<>(List.of("dlt", command, letterTopic()));
    args.addAll(Arrays.asList(options));
    return Run.hermes(kafka.bootstrapServers(), args.toArray(String[]::new));
  }

  /** All records of the origin topic, by partition and offset. */
  public List<ConsumerRecord<byte[], byte[]>> redriven() {
    return records(kafka.bootstrapServers(), topic);
  }

  public List<String> redrivenIds() throws Exception {
    List<String> ids = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : redriven()) {
      ids.add(UserEvent.parseFrom(record.value()).getEventId());
    }
    return ids;
  }

  public static List<ConsumerRecord<byte[], byte[]>> records(String broker, String topic) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", broker),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
      return records;
    }
  }

  /** This topic's line of {@code dlt list --format json}. */
  public JsonObject listed() {
    Run list = Run.hermes(kafka.bootstrapServers(), "dlt", "list", "--format", "json");
    return list.lines().stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .filter(json -> json.get("topic").getAsString().equals(letterTopic()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(list.toString()));
  }
}
