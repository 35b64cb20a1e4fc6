package io.hermes.subscribe;

import io.hermes.StartAt;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;

/**
 * A subscriber's configuration. Immutable.
 *
 * @param group the consumer group, with its name on the cluster
 * @param settings where Kafka is; without a topic prefix, which all names already have
 * @param topics the topics that it subscribes to, with their names on the cluster; empty if a
 *     pattern selects them
 * @param pattern selects the topics by their names on the cluster, if they are not named
 * @param order which records are handled one after another
 * @param concurrency the maximum number of events handled concurrently
 * @param onError what happens to events whose handler fails
 * @param from where it starts in a partition without a committed offset
 * @param maxRecords the limit on records that are received and not finished
 * @param maxBytes the limit on the bytes of these records
 * @param drainTimeout how long handlers may keep running when their partition moves
 * @param executor runs the handlers; empty for Hermes' own threads
 * @param listener callbacks for metrics and logs
 * @param observers the observers of each attempt, in the order in which they begin
 * @param keyInMdc whether the record key is in the MDC while a handler runs
 */
public record SubscriberConfig(
    String group,
    KafkaSettings settings,
    List<String> topics,
    Optional<Pattern> pattern,
    ProcessingOrder order,
    int concurrency,
    ErrorPolicy onError,
    StartAt from,
    long maxRecords,
    long maxBytes,
    Duration drainTimeout,
    Optional<Executor> executor,
    SubscriberListener listener,
    List<SubscriberObserver> observers,
    boolean keyInMdc) {

  /** Copies the lists. */
  public SubscriberConfig {
    topics = List.copyOf(topics);
    observers = List.copyOf(observers);
  }
}
