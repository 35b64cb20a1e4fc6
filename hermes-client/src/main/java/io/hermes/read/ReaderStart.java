package io.hermes.read;

import com.google.protobuf.Message;
import io.hermes.Topic;
import io.hermes.UnknownTopicException;
import io.hermes.codec.NativeLibrary;
import io.hermes.kafka.Bootstrap;
import io.hermes.kafka.ClientIds;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.StartPositions;
import io.hermes.kafka.Timeouts;
import io.hermes.kafka.TopicAdmin;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens readers: connects, and determines where each partition starts and ends. Stateless. */
final class ReaderStart {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.read");

  private ReaderStart() {}

  /**
   * Opens a reader.
   *
   * @param contracts the configuration's contracts, with their types
   */
  static <M extends Message> HermesReader<M> open(
      ReaderConfig config, List<? extends Topic<? extends M>> contracts) {
    NativeLibrary.requireZstd();
    KafkaSettings kafka = config.settings();
    List<String> names =
        config.pattern().isPresent()
            ? List.of()
            : config.contracts().stream().<String>map(Topic::name).distinct().toList();
    List<TopicPartition> partitions = new ArrayList<>();
    try (TopicAdmin admin = TopicAdmin.connect(kafka)) {
      for (String name : names) {
        int count = admin.partitions(name);
        for (int partition = 0; partition < count; partition++) {
          partitions.add(new TopicPartition(name, partition));
        }
      }
    }
    // A broker has responded: start a new deadline, which excludes a slow JVM start.
    long deadlineNs = System.nanoTime() + Timeouts.nanos(kafka.openTimeout());
    return Bootstrap.open(
        kafka,
        addresses -> {
          try {
            RecordSource source =
                position(config, consumer(config, addresses), partitions, deadlineNs);
            LOG.debug(
                "Reader of {} opened; from {}, {}",
                config.pattern().<Object>map(pattern -> pattern).orElse(names),
                config.from(),
                config.toEnd() ? "to the end" : "without end");
            return new HermesReader<>(config, source, new TypedEvents<>(contracts, config.zstd()));
          } catch (TimeoutException e) {
            throw KafkaFailures.noLeader(kafka.bootstrapServers(), e); // a broker did respond
          } catch (KafkaException e) {
            throw KafkaFailures.translate(e, kafka.bootstrapServers(), String.join(", ", names));
          }
        },
        HermesReader::close);
  }

  private static RecordSource position(
      ReaderConfig config,
      Consumer<byte[], byte[]> consumer,
      List<TopicPartition> named,
      long deadlineNs) {
    Supplier<Duration> left =
        () -> Duration.ofNanos(Math.max(1_000_000, deadlineNs - System.nanoTime()));
    try {
      TopicSearch search =
          config.pattern().map(names -> TopicSearch.of(names, config.settings())).orElse(null);
      List<TopicPartition> partitions = search == null ? named : search.find(consumer, left.get());
      if (partitions.isEmpty() && config.toEnd()) {
        String pattern = config.pattern().map(Object::toString).orElse("");
        throw new UnknownTopicException(
            pattern,
            "No topic matches %s.".formatted(pattern),
            "Correct the pattern, or allow the principal to describe the topics.",
            null);
      }
      consumer.assign(partitions);
      StartPositions positions = new StartPositions(consumer, partitions, left);
      Map<TopicPartition, Long> ends =
          positions.ends(); // queried first: records written later are after them
      Map<TopicPartition, Long> starts = positions.of(config.from());
      Instant to = config.to().orElse(null);
      Map<TopicPartition, Long> limits =
          !config.toEnd() ? null : to == null ? ends : positions.firstAt(to);
      return new RecordSource(
          consumer, config.settings().bootstrapServers(), starts, limits, search);
    } catch (RuntimeException | Error e) {
      RecordSource.close(consumer);
      throw e;
    }
  }

  private static Consumer<byte[], byte[]> consumer(ReaderConfig config, String addresses) {
    Map<String, Object> defaults = new HashMap<>();
    // Kafka's default of 30 s is as long as a bounded reader's total wait.
    defaults.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    if (config.toEnd()) {
      // The last fetch requests records after the end, and close would wait for its response.
      defaults.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
    }
    Map<String, Object> properties = config.settings().consumerProperties(defaults);
    properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, addresses);
    ClientIds.assign(properties, "reader");
    properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic"); // a property of consumers only
    return config.settings().clients().consumer(properties);
  }
}
