package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A client outside: what can it do with the brokers at these addresses? */
final class Traffic {

  private final Map<String, Object> properties = new HashMap<>();

  Traffic(String bootstrapServers, Map<String, String> security) {
    properties.putAll(security);
    properties.put("bootstrap.servers", bootstrapServers);
  }

  static Map<String, String> scram(Path ca, String user, String password) {
    Map<String, String> security = new HashMap<>(tls(ca));
    security.put("security.protocol", "SASL_SSL");
    security.put("sasl.mechanism", "SCRAM-SHA-512");
    security.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\""
            + user
            + "\" password=\""
            + password
            + "\";");
    return security;
  }

  /** TLS without a certificate or a password of its own. */
  static Map<String, String> tls(Path ca) {
    return Map.of(
        "security.protocol",
        "SSL",
        "ssl.truststore.type",
        "PEM",
        "ssl.truststore.location",
        ca.toString());
  }

  /** Runs what deploy.sh runs at its end: HOST PORT [CA]. */
  static Processes.Result checkAddress(Path directory, String... arguments) {
    return checkAddress(directory, Map.of(), arguments);
  }

  static Processes.Result checkAddress(
      Path directory, Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Repository.file("k8s/check-address.sh").toString());
    command.addAll(List.of(arguments));
    return Processes.run(command, environment, directory);
  }

  Admin admin() {
    Map<String, Object> admin = new HashMap<>(properties);
    admin.put("request.timeout.ms", 10_000);
    admin.put("default.api.timeout.ms", 20_000);
    return Admin.create(admin);
  }

  /** Creates a topic with the brokers' own defaults. */
  void createTopic(String topic) throws Exception {
    try (Admin admin = admin()) {
      admin
          .createTopics(List.of(new NewTopic(topic, Optional.empty(), Optional.empty())))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  KafkaProducer<String, String> producer() {
    Map<String, Object> producer = new HashMap<>(properties);
    producer.put("acks", "all");
    producer.put("max.block.ms", 30_000);
    producer.put("request.timeout.ms", 10_000);
    return new KafkaProducer<>(producer, new StringSerializer(), new StringSerializer());
  }

  /** Publishes the values {@code from} to {@code to - 1} and waits until all are acknowledged. */
  void publish(String topic, int from, int to) throws Exception {
    try (KafkaProducer<String, String> producer = producer()) {
      List<Future<RecordMetadata>> results = new ArrayList<>();
      for (int i = from; i < to; i++) {
        results.add(producer.send(new ProducerRecord<>(topic, "key-" + i, "value-" + i)));
      }
      for (Future<RecordMetadata> result : results) {
        result.get(60, TimeUnit.SECONDS);
      }
    }
  }

  /** Reads all and fails unless exactly the values 0 to {@code count - 1} are there. */
  void expect(String topic, int count) {
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end = consumer.endOffsets(partitions).values().stream().mapToLong(o -> o).sum();
      long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (values.size() < end && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(200)).forEach(r -> values.add(r.value()));
      }
    }
    assertThat(values).hasSize(count);
    assertThat(new TreeSet<>(values))
        .isEqualTo(
            IntStream.range(0, count)
                .mapToObj(i -> "value-" + i)
                .collect(Collectors.toCollection(TreeSet::new)));
  }
}
