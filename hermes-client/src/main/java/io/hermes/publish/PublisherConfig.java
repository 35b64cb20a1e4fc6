package io.hermes.publish;

import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.util.List;

/**
 * A publisher's configuration. Immutable.
 *
 * @param topics the contracts of its types, with full topic names
 * @param settings where Kafka is; without a topic prefix, since the names include it
 * @param createTopics whether it creates missing topics
 * @param maxRecords the maximum number of records in flight; beyond it, publishing waits
 * @param maxBytes the maximum bytes of uncompressed events in flight; beyond it, publishing waits
 * @param maxWait how long publishing waits for room before the event is rejected
 * @param deliveryTimeout how long Kafka tries to deliver a record before its outcome is unknown
 * @param zstd the maximum event size, and how values are compressed
 * @param observers follow each event, in this order
 */
public record PublisherConfig(
    List<Topic<?>> topics,
    KafkaSettings settings,
    boolean createTopics,
    int maxRecords,
    long maxBytes,
    Duration maxWait,
    Duration deliveryTimeout,
    ZstdOptions zstd,
    List<PublisherObserver> observers) {

  /** Copies the lists. */
  public PublisherConfig {
    topics = List.copyOf(topics);
    observers = List.copyOf(observers);
  }
}
