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

  /** How long send() may wait for metadata; the search for the reason comes on top. */
  private static final Duration MAX_BLOCK = Duration.ofSeconds(3);

  private static final int METADATA_MAX_AGE_MS = 3_000;
  private static final long GRACE_MS = 2_000;

  /** What each rests on stands in DESIGN.md; settings may override them. */
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
          // Kafka's 30 s is how long a paused leader goes unnoticed.
          ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
          10_000,
          // With rebootstrap, Kafka's default (KIP-899), a producer forgets its topics as soon as
          // no broker can be reached, and send() waits and fails; without it an outage shorter than
          // the delivery time-out costs nothing. The price: a cluster whose brokers all move to
          // other host names is not found again.
          CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG,
          "none",
          // Ten years: an idle publisher keeps its topics' metadata, so its next send need not
          // wait.
          ProducerConfig.METADATA_MAX_IDLE_CONFIG,
          315_360_000_000L,
          // So an idle publisher hears of its brokers every few seconds, and notices their silence.
          ProducerConfig.METADATA_MAX_AGE_CONFIG,
          METADATA_MAX_AGE_MS);

  /** A producer, and the name of the publisher that has it. */
  record Opened(Producer<byte[], byte[]> producer, String clientId) {}

  private PublisherStart() {}

  /** How long nothing need come from a broker: somewhat longer than metadata may be old. */
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
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, opened.clientId); // that of the next ones, too
    String owner = "Publisher " + opened.clientId + " of " + names(config);
    ReplaceableProducer producer =
        new ReplaceableProducer(
            owner, opened.producer, () -> producer(settings, properties), MAX_BLOCK);
    KafkaPublisher<M> publisher = new KafkaPublisher<>(config, routes, producer, quiet(settings));
    LOG.info(
        "{}: started; brokers {}, delivery time-out {}, at most {} events and {} bytes in flight",
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

  /** Checks what can be checked before there is a producer, and creates topics if it may. */
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

  /** As Kafka's producer does, but with the name that the setting has here. */
  static void checkDeliveryTimeout(PublisherConfig config) {
    Map<String, Object> kafka = config.settings().producerProperties(DEFAULTS);
    long leastMs;
    try {
      leastMs =
          Long.parseLong(String.valueOf(kafka.get(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG)))
              + Long.parseLong(String.valueOf(kafka.get(ProducerConfig.LINGER_MS_CONFIG)));
    } catch (NumberFormatException e) {
      return; // Kafka names that property
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
    // Twice the budget: batches are allocated whole, filled or not, and send() would wait for
    // memory.
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

  /** A producer that has the metadata which the first events would wait for. */
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
                Duration.ZERO); // it may outlast the deadline of open
        throw KafkaFailures.translate(e, settings.bootstrapServers(), topic.name());
      }
    }
    return new Opened(producer, clientId);
  }

  /** Makes the call again where it may block for less than this. */
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
