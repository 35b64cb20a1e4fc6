package io.hermes.publish;

import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.util.List;

/**
 * How a publisher was opened. Immutable.
 *
 * @param topics the contracts of its types
 * @param settings where Kafka is
 * @param createTopics whether it creates topics that are not there
 * @param maxRecords how many records may be in flight before publishing waits
 * @param maxBytes how many bytes of plain events may be in flight before publishing waits
 * @param maxWait how long publishing waits for room before the event is rejected
 * @param deliveryTimeout how long Kafka tries to write a record before its outcome is unknown
 * @param zstd how values are compressed, and how large an event may be
 * @param observers what follows its events, in the order in which they start
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
