package io.hermes.subscribe;

import io.hermes.StartAt;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;

/**
 * How a subscriber was built. Immutable.
 *
 * @param group the consumer group
 * @param settings where Kafka is
 * @param topics the topics that it reads; empty if it reads those of the pattern
 * @param pattern the topics that it reads, if they are not named
 * @param order which records wait for each other
 * @param concurrency how many events are handled at once at most
 * @param onError what becomes of events whose handling failed
 * @param from where it begins in a partition in which the group has committed nothing
 * @param maxRecords how many records may be received and not finished
 * @param maxBytes how many bytes they may have
 * @param drainTimeout how long handlers have when their partition moves
 * @param executor what runs the handlers; empty for Hermes' own threads
 * @param listener what is told what happens
 * @param observers what follows its attempts, in the order in which they begin
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
