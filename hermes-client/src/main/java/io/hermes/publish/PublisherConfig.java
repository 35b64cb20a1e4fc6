package io.hermes.publish;

import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.util.List;

/**
 * A publisher's configuration. Immutable.
 *
 * @param topics the contracts of its types, with their names on the cluster
 * @param settings where Kafka is; without a topic prefix, which the names have
 * @param createTopics whether it creates missing topics
 * @param maxRecords the most records in flight before publishing waits
 * @param maxBytes the most bytes of uncompressed events in flight before publishing waits
 * @param maxWait how long publishing waits for room before the event is rejected
 * @param deliveryTimeout how long Kafka tries to deliver a record before its outcome is unknown
 * @param zstd the largest event, and how values are compressed
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
