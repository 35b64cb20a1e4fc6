package io.hermes.publish;

import com.google.protobuf.Message;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.ClusterNames;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Publishes typed events. Topic, key and type header come from the schema.
 *
 * <pre>{@code
 * try (var publisher = HermesPublisher.open(UserEvent.class)) {   // KAFKA_BROKER, else localhost:9092
 *   CompletableFuture<Receipt> receipt = publisher.publish(event);
 * }
 * }</pre>
 *
 * <p>Each event's future reports one of three outcomes:
 *
 * <ul>
 *   <li>acknowledged: a {@link Receipt}. All in-sync replicas have the event.
 *   <li>rejected: a {@link io.hermes.PublishRejectedException}. The event was definitely not
 *       written.
 *   <li>unknown: a {@link io.hermes.PublishUnknownException}. The event may or may not have been
 *       written. Hermes never retries it by itself.
 * </ul>
 *
 * <p>Every future completes. The publisher waits at most {@code maxWait} for room. If Kafka's
 * metadata is missing, it waits for that at most three seconds (five, including the search for the
 * reason). Once Kafka's producer has accepted a record, its future completes within {@code
 * deliveryTimeout}; if the producer itself has failed, at most a few seconds after that, as
 * unknown. Events with the same key that one thread publishes are written in that order, even if
 * Kafka has to retry. There is no order between two publishers.
 *
 * <p>Futures complete on one thread of the publisher, in the order of acknowledgement.
 * Continuations without an executor run on that thread. While one blocks, later futures wait but
 * sending continues. Once the waiting events fill the in-flight limit, {@code publish} waits too.
 * On that thread {@code publish} itself never waits: the event is admitted or rejected immediately.
 * Cancelling a future does not cancel the event, which may still be written.
 *
 * <p>Safe for use by any thread.
 *
 * @param <M> the events' type, or {@link Message} if there are several types
 */
public interface HermesPublisher<M extends Message> extends AutoCloseable {

  /**
   * Opens a publisher for one event type, with the environment's settings and all defaults.
   *
   * @param type a message class with a contract
   * @param <M> the events' type
   * @return the publisher, connected
   * @throws io.hermes.ContractException if the contract is invalid
   * @throws io.hermes.BrokerUnavailableException if no broker responds within the open timeout
   * @throws io.hermes.UnknownTopicException if the topic does not exist
   * @throws io.hermes.AccessException if credentials or permissions are missing
   */
  static <M extends Message> HermesPublisher<M> open(Class<M> type) {
    return builder(type).open();
  }

  /**
   * Opens a publisher for several types. Their events are ordered relative to each other. See
   * {@link #open(Class)}.
   */
  @SafeVarargs
  static HermesPublisher<Message> open(
      Class<? extends Message> first, Class<? extends Message>... others) {
    Builder<Message> builder = new Builder<>();
    builder.topic(Topic.of(first));
    for (Class<? extends Message> other : others) {
      builder.topic(Topic.of(other));
    }
    return builder.open();
  }

  /**
   * Builds a publisher for one event type with custom settings.
   *
   * @param type a message class with a contract
   * @param <M> the events' type
   * @return a new builder
   * @throws io.hermes.ContractException if the contract is invalid
   */
  static <M extends Message> Builder<M> builder(Class<M> type) {
    return builder(Topic.of(type));
  }

  /** Like {@link #builder(Class)}, for a contract defined in code. */
  static <M extends Message> Builder<M> builder(Topic<M> topic) {
    return new Builder<M>().topic(topic);
  }

  /** Builds a publisher for several types; add each with {@link Builder#topic}. */
  static Builder<Message> builder() {
    return new Builder<>();
  }

  /**
   * Publishes an event. Waits for room if too much is in flight. The future reports every outcome,
   * even that the publisher is closed. The method throws only if the event is null.
   *
   * @param event the event
   * @return completes with the receipt, a {@link io.hermes.PublishRejectedException} or a {@link
   *     io.hermes.PublishUnknownException}
   * @throws NullPointerException if the event is null
   */
  default CompletableFuture<Receipt> publish(M event) {
    return publish(event, List.of());
  }

  /**
   * Publishes an event with additional headers. An event is rejected if a header has the name of
   * one of the contract's own headers, or of {@link io.hermes.EventHeaders#REDRIVE_GROUP}.
   *
   * @param event the event
   * @param headers additional headers
   * @return as for {@link #publish(Message)}
   */
  CompletableFuture<Receipt> publish(M event, Iterable<Header> headers);

  /**
   * Publishes an event only if that requires no wait for room or for Kafka's metadata.
   *
   * @param event the event
   * @return as for {@link #publish(Message)}; rejected as retryable if publishing would have to
   *     wait
   */
  CompletableFuture<Receipt> tryPublish(M event);

  /**
   * Publishes many events in order and reports one result for all of them. Order, budget, deadlines
   * and outcomes are those of {@link #publish(Message)}.
   *
   * <p>The calling thread takes an event from the source when there is room for it, so memory stays
   * bounded however many events there are. It returns when it has taken the last one. An event that
   * is rejected for its size or its key does not block later events. The bulk stops when nothing
   * more can be published: the publisher is closed, there was no room within {@code maxWait},
   * Kafka's metadata is missing, the thread is interrupted, the source throws, or 1,000 events have
   * failed. Then {@link BulkResult#stopped()} says why, and {@link BulkResult#taken()} where to
   * resume.
   *
   * <p>A bulk never waits in a continuation of this publisher's futures: there it stops as soon as
   * there is no room. Cancelling the future does not cancel its events. {@code flush} waits for
   * every event of a bulk that started before it; {@code close} completes the events that were sent
   * and stops the rest.
   *
   * @param events the source; only the calling thread uses it
   * @param headers an event's additional headers; the names of the contract's own headers are
   *     rejected
   * @return always completes with a result, within {@code deliveryTimeout} after the last event was
   *     sent
   */
  CompletableFuture<BulkResult> publishAll(
      Iterator<? extends M> events, Function<? super M, ? extends Iterable<Header>> headers);

  /** Publishes events without additional headers. See {@link #publishAll(Iterator, Function)}. */
  default CompletableFuture<BulkResult> publishAll(Iterator<? extends M> events) {
    return publishAll(events, event -> List.of());
  }

  /** Publishes events without additional headers. See {@link #publishAll(Iterator, Function)}. */
  default CompletableFuture<BulkResult> publishAll(Iterable<? extends M> events) {
    return publishAll(events.iterator());
  }

  /**
   * Publishes events without additional headers. See {@link #publishAll(Iterator, Function)}. The
   * stream is not closed.
   */
  default CompletableFuture<BulkResult> publishAll(Stream<? extends M> events) {
    return publishAll(events.iterator());
  }

  /**
   * Publishes an event and waits for its outcome. In a continuation of this publisher's futures the
   * event is rejected, since waiting there would deadlock.
   *
   * @param event the event
   * @param timeout the longest wait, for room and acknowledgement together
   * @return the receipt
   * @throws io.hermes.PublishRejectedException if it was definitely not written
   * @throws io.hermes.PublishUnknownException if it may have been written, including when the
   *     timeout expired or the thread was interrupted after it was sent
   */
  Receipt publishAndWait(M event, Duration timeout);

  /**
   * Publishes a tombstone, which deletes a key of a compacted topic. For publishers of one type.
   *
   * @param key the record key, as the contract derives it: text, or an integer as decimal text
   * @return as for {@link #publish(Message)}
   */
  CompletableFuture<Receipt> publishTombstone(String key);

  /**
   * Publishes a tombstone to the topic of one of this publisher's types.
   *
   * @param type the full name of the message, such as {@code hermes.events.v1.UserEvent}
   * @param key the record key's bytes
   * @return as for {@link #publish(Message)}
   */
  CompletableFuture<Receipt> publishTombstone(String type, byte[] key);

  /**
   * Waits until every event published earlier has its outcome and its future is complete.
   *
   * @param timeout the longest wait
   * @throws HermesException if some events have no outcome by then, or the thread was interrupted;
   *     publishing continues. Also if called in a continuation of this publisher's futures, since
   *     waiting there would deadlock
   */
  void flush(Duration timeout);

  /** The current health. */
  PublisherHealth health();

  /** The configuration that the publisher was opened with. */
  PublisherConfig config();

  /**
   * Accepts no more events, waits for those in flight, and disconnects. Events without an outcome
   * by then end as unknown. An interrupt ends the wait, and the thread stays interrupted. Called in
   * a continuation, it does not wait for other continuations. Further calls only wait for the first
   * one to finish.
   *
   * @param timeout the longest wait
   */
  void close(Duration timeout);

  /** Closes within 30 seconds. */
  @Override
  default void close() {
    close(Duration.ofSeconds(30));
  }

  /**
   * Builds a {@link HermesPublisher}. Not safe for use by several threads.
   *
   * @param <M> the events' type, or {@link Message} if there are several types
   */
  final class Builder<M extends Message> {

    private final List<Topic<? extends M>> topics = new ArrayList<>();
    private @Nullable KafkaSettings settings;
    private ZstdOptions zstd = ZstdOptions.defaults();
    private boolean createTopics;
    private int maxRecords = 50_000;
    private long maxBytes = 32L << 20;
    private Duration maxWait = Duration.ofMinutes(1);
    private Duration deliveryTimeout = Duration.ofMinutes(2);
    private final List<PublisherObserver> observers = new ArrayList<>();

    Builder() {}

    /** Adds an event type with its topic. */
    public Builder<M> topic(Topic<? extends M> topic) {
      topics.add(Objects.requireNonNull(topic));
      return this;
    }

    /** Where Kafka is. Default: {@link KafkaSettings#fromEnvironment()}. */
    public Builder<M> settings(KafkaSettings kafka) {
      this.settings = Objects.requireNonNull(kafka);
      return this;
    }

    /** Creates missing topics from their contracts. Default: a missing topic is an error. */
    public Builder<M> createTopics() {
      this.createTopics = true;
      return this;
    }

    /**
     * How much may be in flight before publishing waits. An event is in flight until the
     * continuations of its future are about to run. Default: 50,000 records, 32 MiB.
     *
     * @param records 1 to 8,388,607
     * @param bytes the size of the uncompressed events, 1 or more
     * @return this
     */
    public Builder<M> maxInFlight(int records, long bytes) {
      if (records < 1 || records > Admission.MAX_RECORDS) {
        throw new SettingsException(
            "maxInFlight must be 1 to " + Admission.MAX_RECORDS + " records, not " + records + ".",
            null);
      }
      if (bytes < 1 || bytes > 1L << 38) {
        throw new SettingsException(
            "maxInFlight must be 1 to " + (1L << 38) + " bytes, not " + bytes + ".", null);
      }
      this.maxRecords = records;
      this.maxBytes = bytes;
      return this;
    }

    /** How long publishing waits for room before the event is rejected. Default: 60 seconds. */
    public Builder<M> maxWait(Duration timeout) {
      if (timeout.isNegative()) {
        throw new SettingsException(
            "maxWait must not be negative, but is " + Words.duration(timeout) + ".", null);
      }
      this.maxWait = timeout;
      return this;
    }

    /**
     * How long Kafka tries to deliver a record before its outcome is unknown. At least 11 seconds,
     * since one request may take 10. Default: 120 seconds.
     */
    public Builder<M> deliveryTimeout(Duration timeout) {
      this.deliveryTimeout = Objects.requireNonNull(timeout);
      return this;
    }

    /** The maximum event size, and how values are compressed if the contract asks for it. */
    public Builder<M> zstd(ZstdOptions options) {
      this.zstd = Objects.requireNonNull(options);
      return this;
    }

    /** Adds an observer, which follows each event to its outcome, for traces and metrics. */
    public Builder<M> observer(PublisherObserver observer) {
      observers.add(Objects.requireNonNull(observer));
      return this;
    }

    /**
     * Connects.
     *
     * @return the publisher
     * @throws HermesException as for {@link HermesPublisher#open(Class)}
     */
    public HermesPublisher<M> open() {
      return PublisherStart.open(config());
    }

    /** The current settings. Later changes to this builder only affect publishers opened later. */
    public PublisherConfig config() {
      ClusterNames names =
          ClusterNames.of(settings == null ? KafkaSettings.fromEnvironment() : settings);
      PublisherConfig config =
          new PublisherConfig(
              topics.stream().<Topic<?>>map(names::topic).toList(),
              names.settings(),
              createTopics,
              maxRecords,
              maxBytes,
              maxWait,
              deliveryTimeout,
              zstd,
              observers);
      PublisherStart.checkDeliveryTimeout(config);
      return config;
    }
  }
}
