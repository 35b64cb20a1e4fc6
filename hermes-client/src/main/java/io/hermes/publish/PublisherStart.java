package io.hermes.publish;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.Encoding;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.codec.NativeLibrary;
import io.hermes.kafka.Bootstrap;
import io.hermes.kafka.ClientIds;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.ProducerClose;
import io.hermes.kafka.Timeouts;
import io.hermes.kafka.TopicAdmin;
import io.hermes.kafka.TopicDifference;
import io.hermes.kafka.Words;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens publishers: checks the contracts against the broker, then connects. Stateless. */
final class PublisherStart {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");

  /** How long send() may wait for metadata; finding the reason takes additional time. */
  private static final Duration MAX_BLOCK = Duration.ofSeconds(3);

  private static final int METADATA_MAX_AGE_MS = 3_000;
  private static final long GRACE_MS = 2_000;

  /** DESIGN.md has the reasons; settings may override these. */
  private static final Map<String, Object> DEFAULTS =
      Map.of(
          ProducerConfig.COMPRESSION_TYPE_CONFIG,
          "zstd",
          ProducerConfig.COMPRESSION_ZSTD_LEVEL_CONFIG,
          1,
          ProducerConfig.BATCH_SIZE_CONFIG,
          64 * 1024,
          ProducerConfig.LINGER_MS_CONFIG,
          5,
          // With Kafka's default of 30 s, a paused leader would go unnoticed for that long.
          ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
          10_000,
          // With rebootstrap, Kafka's default (KIP-899), a producer forgets its topics as soon as
          // no broker can be reached; then send() waits and fails. Without it, an outage shorter
          // than the delivery timeout has no effect. The price: if all brokers move to other host
          // names, the cluster is not found again.
          CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG,
          "none",
          // Ten years: an idle publisher keeps its topics' metadata, so its next send does not
          // wait.
          ProducerConfig.METADATA_MAX_IDLE_CONFIG,
          315_360_000_000L,
          // So an idle publisher gets responses every few seconds, and notices if they stop.
          ProducerConfig.METADATA_MAX_AGE_CONFIG,
          METADATA_MAX_AGE_MS);

  /** A producer and its client id. */
  record Opened(Producer<byte[], byte[]> producer, String clientId) {}

  private PublisherStart() {}

  /** How long brokers may be silent without a fault: somewhat longer than the metadata age. */
  static Duration quiet(KafkaSettings settings) {
    Object age =
        settings
            .producerProperties(Map.of())
            .getOrDefault(ProducerConfig.METADATA_MAX_AGE_CONFIG, METADATA_MAX_AGE_MS);
    return Duration.ofMillis(Long.parseLong(String.valueOf(age)) + GRACE_MS);
  }

  static <M extends Message> KafkaPublisher<M> open(PublisherConfig config) {
    KafkaSettings settings = config.settings();
    Map<String, Object> properties = properties(config);
    check(config, properties);
    Map<Descriptor, TopicRoute<?>> routes = routes(config);
    Opened opened =
        Bootstrap.open(
            settings,
            addresses -> warmProducer(config, with(addresses, properties)),
            late -> {
              var unused =
                  ProducerClose.begin("Publisher " + late.clientId, late.producer, Duration.ZERO);
            });
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, opened.clientId); // also for replacements
    String owner = "Publisher " + opened.clientId + " of " + names(config);
    ReplaceableProducer producer =
        new ReplaceableProducer(
            owner, opened.producer, () -> producer(settings, properties), MAX_BLOCK);
    KafkaPublisher<M> publisher = new KafkaPublisher<>(config, routes, producer, quiet(settings));
    LOG.info(
        "{}: started; brokers {}, delivery timeout {}, at most {} events and {} bytes in flight",
        owner,
        settings.bootstrapServers(),
        Words.duration(config.deliveryTimeout()),
        config.maxRecords(),
        config.maxBytes());
    return publisher.opened(opened.clientId);
  }

  private static Object names(PublisherConfig config) {
    List<String> names = config.topics().stream().<String>map(Topic::name).distinct().toList();
    return names.isEmpty() ? "encoded records" : names;
  }

  static Map<Descriptor, TopicRoute<?>> routes(PublisherConfig config) {
    Map<Descriptor, TopicRoute<?>> routes = new HashMap<>();
    for (Topic<?> topic : config.topics()) {
      routes.put(topic.descriptor(), new TopicRoute<>(topic, config.zstd()));
    }
    return routes;
  }

  /** Checks what can be checked without a producer, and creates topics if allowed. */
  static void check(PublisherConfig config, Map<String, Object> properties) {
    if ("zstd".equals(properties.get(ProducerConfig.COMPRESSION_TYPE_CONFIG))
        || config.topics().stream().anyMatch(topic -> topic.encoding() != Encoding.PLAIN)) {
      NativeLibrary.requireZstd();
    }
    if (config.topics().isEmpty()) {
      return; // encoded records: nothing to compare, and no broker is needed
    }
    String owner = "Publisher of " + names(config);
    try (TopicAdmin topics = TopicAdmin.connect(config.settings())) {
      for (Topic<?> topic : config.topics()) {
        if (config.createTopics() && topics.createIfMissing(topic)) {
          LOG.info("{}: created topic {}", owner, topic.name());
        } else {
          TopicDifference.log(owner, topics.compare(topic), LOG);
        }
      }
    }
  }

  /** The check of Kafka's producer, with the name of Hermes' own setting in the message. */
  static void checkDeliveryTimeout(PublisherConfig config) {
    Map<String, Object> kafka = config.settings().producerProperties(DEFAULTS);
    long leastMs;
    try {
      leastMs =
          Long.parseLong(String.valueOf(kafka.get(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG)))
              + Long.parseLong(String.valueOf(kafka.get(ProducerConfig.LINGER_MS_CONFIG)));
    } catch (NumberFormatException e) {
      return; // Kafka's own check reports that property
    }
    if (Timeouts.nanos(config.deliveryTimeout()) / 1_000_000 < leastMs) {
      throw new SettingsException(
          "deliveryTimeout must be at least "
              + leastMs
              + " ms, which is request.timeout.ms plus linger.ms, but is "
              + Words.duration(config.deliveryTimeout())
              + ".",
          null);
    }
  }

  static Map<String, Object> properties(PublisherConfig config) {
    Map<String, Object> defaults = new HashMap<>(DEFAULTS);
    // Twice the budget: Kafka allocates whole batches, even if they stay half empty. With less,
    // send() would wait for memory.
    defaults.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(64L << 20, 2 * config.maxBytes()));
    Map<String, Object> properties = config.settings().producerProperties(defaults);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK.toMillis());
    properties.put(
        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
        (int) Math.min(Integer.MAX_VALUE, Timeouts.nanos(config.deliveryTimeout()) / 1_000_000));
    return properties;
  }

  static Producer<byte[], byte[]> producer(KafkaSettings settings, Map<String, Object> config) {
    try {
      return settings.clients().producer(config);
    } catch (RuntimeException e) {
      throw KafkaFailures.translate(e, settings.bootstrapServers(), null);
    }
  }

  static Map<String, Object> with(String addresses, Map<String, Object> config) {
    Map<String, Object> result = new HashMap<>(config);
    result.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, addresses);
    return result;
  }

  /** Creates a producer and fetches the metadata that the first events would wait for. */
  static Opened warmProducer(PublisherConfig config, Map<String, Object> properties) {
    KafkaSettings settings = config.settings();
    String clientId = ClientIds.assign(properties, "publisher");
    Producer<byte[], byte[]> producer = producer(settings, properties);
    for (Topic<?> topic : config.topics()) {
      try {
        awaitMetadata(producer, topic.name());
      } catch (RuntimeException e) {
        var unused =
            ProducerClose.begin(
                "Publisher " + clientId,
                producer,
                Duration.ZERO); // may take longer than open's deadline
        throw KafkaFailures.translate(e, settings.bootstrapServers(), topic.name());
      }
    }
    return new Opened(producer, clientId);
  }

  /** Repeats the call, since {@code max.block.ms} may be shorter than this deadline. */
  private static void awaitMetadata(Producer<byte[], byte[]> producer, String topic) {
    long deadlineNs = System.nanoTime() + MAX_BLOCK.toNanos();
    while (true) {
      try {
        producer.partitionsFor(topic);
        return;
      } catch (TimeoutException e) {
        if (System.nanoTime() - deadlineNs >= 0) {
          throw e;
        }
      }
    }
  }
}
