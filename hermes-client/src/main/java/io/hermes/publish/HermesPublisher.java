package io.hermes.publish;

import com.google.protobuf.Message;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.KafkaSettings;
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
 * Publishes events: topic, key and type header come from the schema.
 *
 * <pre>{@code
 * try (var publisher = HermesPublisher.open(UserEvent.class)) {   // KAFKA_BROKER, else localhost:9092
 *   CompletableFuture<Receipt> receipt = publisher.publish(event);
 * }
 * }</pre>
 *
 * <p>An event has one of three outcomes, told apart by how its future ends:
 *
 * <ul>
 *   <li>acknowledged: a {@link Receipt}; all in-sync replicas have it;
 *   <li>rejected: {@link io.hermes.PublishRejectedException}; certainly not written;
 *   <li>unknown: {@link io.hermes.PublishUnknownException}; it may or may not have been written.
 *       Hermes never sends such an event again on its own.
 * </ul>
 *
 * <p>Every future ends: the publisher waits at most {@code maxWait} for room and three seconds
 * (five with the search for the reason) where Kafka's metadata is missing; a record that Kafka has
 * taken ends within {@code deliveryTimeout}. Events with the same key that one thread publishes are
 * written in that order, also when Kafka has to try again. Between two publishers there is no
 * order.
 *
 * <p>Futures complete on one thread of the publisher, in the order of acknowledgement. What is
 * chained to them without an executor runs there: while it blocks, later futures wait, and
 * publishing too once as many wait as may be in flight; sending does not. On that thread {@code
 * publish} never waits: it is admitted or rejected at once. Cancelling a future changes only what
 * its holder sees: the event may be written all the same.
 *
 * <p>Safe for any thread.
 *
 * @param <M> what the events have in common: their type, or {@link Message} where there are several
 */
public interface HermesPublisher<M extends Message> extends AutoCloseable {

  /**
   * Opens a publisher for one type of event, with the environment's settings and all defaults.
   *
   * @param type a message class with a contract
   * @param <M> the events' type
   * @return the publisher, connected
   * @throws io.hermes.ContractException if the contract is wrong
   * @throws io.hermes.BrokerUnavailableException if no broker answers within the open time-out
   * @throws io.hermes.UnknownTopicException if the topic is not there
   * @throws io.hermes.AccessException if credentials or rights are missing
   */
  static <M extends Message> HermesPublisher<M> open(Class<M> type) {
    return builder(type).open();
  }

  /** Opens a publisher for several types, which share one order; otherwise as {@link #open}. */
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
   * For other settings.
   *
   * @param type a message class with a contract
   * @param <M> the events' type
   * @return a new builder
   * @throws io.hermes.ContractException if the contract is wrong
   */
  static <M extends Message> Builder<M> builder(Class<M> type) {
    return builder(Topic.of(type));
  }

  /** For a topic that is not in the schema, or for events without a class. */
  static <M extends Message> Builder<M> builder(Topic<M> topic) {
    return new Builder<M>().topic(topic);
  }

  /** For several types, added with {@link Builder#topic}. */
  static Builder<Message> builder() {
    return new Builder<>();
  }

  /**
   * Publishes an event. Waits for room if too much is in flight. Throws nothing else than said
   * here: every outcome, a closed publisher included, is in the future.
   *
   * @param event the event
   * @return ends with the receipt, a {@link io.hermes.PublishRejectedException} or a {@link
   *     io.hermes.PublishUnknownException}
   * @throws NullPointerException if the event is null
   */
  default CompletableFuture<Receipt> publish(M event) {
    return publish(event, List.of());
  }

  /**
   * Publishes an event with headers besides the contract's own; those names are refused, and so is
   * {@link io.hermes.EventHeaders#REDRIVE_GROUP}.
   *
   * @param event the event
   * @param headers more headers
   * @return as of {@link #publish(Message)}
   */
  CompletableFuture<Receipt> publish(M event, Iterable<Header> headers);

  /**
   * Publishes an event if that needs no waiting, neither for room nor for Kafka's metadata.
   *
   * @param event the event
   * @return as of {@link #publish(Message)}; already rejected, and retryable, where it would wait
   */
  CompletableFuture<Receipt> tryPublish(M event);

  /**
   * Publishes events in their order, with one answer for all of them, for callers that have many
   * events at hand. Order, budget, deadlines and outcomes are those of {@link #publish(Message)}.
   *
   * <p>The calling thread takes each event from the source when there is room for it, so memory
   * stays bounded however many there are, and returns when it has taken the last one. An event that
   * is rejected, for its size or its key, does not keep back those after it. The bulk stops where
   * no event can be published for now: the publisher is closed, there was no room within {@code
   * maxWait}, Kafka's metadata is missing, the thread is interrupted, the source throws; and once
   * 1,000 events have failed. Then {@link BulkResult#stopped()} says why, and {@link
   * BulkResult#taken()} where to go on.
   *
   * <p>In a continuation of this publisher's futures nothing waits, so a bulk stops there as soon
   * as there is no room. Cancelling the future changes only what its holder sees. {@code flush}
   * waits for all of a bulk that began before it; {@code close} ends what is on its way and stops
   * the rest.
   *
   * @param events where the events come from; only the calling thread uses it
   * @param headers an event's headers besides the contract's own; those names are refused
   * @return always ends with a result, within {@code deliveryTimeout} of the last event's sending
   */
  CompletableFuture<BulkResult> publishAll(
      Iterator<? extends M> events, Function<? super M, ? extends Iterable<Header>> headers);

  /** Publishes events without headers of their own, as {@link #publishAll(Iterator, Function)}. */
  default CompletableFuture<BulkResult> publishAll(Iterator<? extends M> events) {
    return publishAll(events, event -> List.of());
  }

  /** Publishes events without headers of their own, as {@link #publishAll(Iterator, Function)}. */
  default CompletableFuture<BulkResult> publishAll(Iterable<? extends M> events) {
    return publishAll(events.iterator());
  }

  /**
   * Publishes events without headers of their own, as {@link #publishAll(Iterator, Function)}. The
   * stream is not closed.
   */
  default CompletableFuture<BulkResult> publishAll(Stream<? extends M> events) {
    return publishAll(events.iterator());
  }

  /**
   * Publishes an event and waits for its outcome. Not for continuations of this publisher's
   * futures: there it is rejected, since it could only hang.
   *
   * @param event the event
   * @param timeout for all of it
   * @return the receipt
   * @throws io.hermes.PublishRejectedException if it was certainly not written
   * @throws io.hermes.PublishUnknownException if it may have been written; also when the time is
   *     over, or the thread was interrupted, while it was on its way
   */
  Receipt publishAndWait(M event, Duration timeout);

  /**
   * Publishes a tombstone, which deletes a key of a compacted topic. For publishers of one type.
   *
   * @param key the record key, as the contract makes it: text, or an integer as decimal text
   * @return as of {@link #publish(Message)}
   */
  CompletableFuture<Receipt> publishTombstone(String key);

  /**
   * Publishes a tombstone to the topic of one of several types.
   *
   * @param type the full name of a message of this publisher, such as {@code
   *     hermes.events.v1.UserEvent}
   * @param key the record key's bytes
   * @return as of {@link #publish(Message)}
   */
  CompletableFuture<Receipt> publishTombstone(String type, byte[] key);

  /**
   * Waits until every event that was published before has its outcome and its future is complete.
   *
   * @param timeout the longest wait
   * @throws HermesException if some have none by then, or the thread was interrupted; they go on.
   *     Also in a continuation of this publisher's futures, where it could only hang
   */
  void flush(Duration timeout);

  /** How it is, at this moment. */
  PublisherHealth health();

  /** How it was opened. */
  PublisherConfig config();

  /**
   * Takes no more events, waits for those on their way, and disconnects. What has no outcome by
   * then ends as unknown: at once, or within {@code request.timeout.ms} (10 seconds) if the
   * producer has just connected to a broker that does not respond. An interrupt ends the wait and
   * stays set. In a continuation it does not wait for other continuations. Further calls wait too
   * and do nothing else.
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
   * A publisher in the making. Not for several threads at once.
   *
   * @param <M> what the events have in common
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

    private Builder() {}

    /** Adds a type of event, with its topic. */
    public Builder<M> topic(Topic<? extends M> topic) {
      topics.add(Objects.requireNonNull(topic));
      return this;
    }

    /** Where Kafka is. Default: {@link KafkaSettings#fromEnvironment()}. */
    public Builder<M> settings(KafkaSettings kafka) {
      this.settings = Objects.requireNonNull(kafka);
      return this;
    }

    /** Creates topics that are not there, as their contracts say. Default: they are an error. */
    public Builder<M> createTopics() {
      this.createTopics = true;
      return this;
    }

    /**
     * How much may be in flight before publishing waits; what Kafka has ended is so until the
     * continuations of its future are about to run. Default: 50,000 records, 32 MiB.
     *
     * @param records 1 to 8,388,607
     * @param bytes of plain events, 1 or more
     * @return this
     */
    public Builder<M> maxInFlight(int records, long bytes) {
      if (records < 1 || records > Admission.MAX_RECORDS || bytes < 1 || bytes > 1L << 38) {
        throw new SettingsException(
            "In flight are 1 to "
                + Admission.MAX_RECORDS
                + " records and 1 to 2^38 bytes, not "
                + records
                + " and "
                + bytes
                + ".",
            null);
      }
      this.maxRecords = records;
      this.maxBytes = bytes;
      return this;
    }

    /** How long publishing waits for room before the event is rejected. Default: 60 seconds. */
    public Builder<M> maxWait(Duration timeout) {
      if (timeout.isNegative()) {
        throw new SettingsException("maxWait is zero or longer, not " + timeout + ".", null);
      }
      this.maxWait = timeout;
      return this;
    }

    /**
     * How long Kafka tries to write a record that it has taken, before its outcome is unknown.
     * Default: 120 seconds. At least 11, as one request may take 10.
     */
    public Builder<M> deliveryTimeout(Duration timeout) {
      this.deliveryTimeout = Objects.requireNonNull(timeout);
      return this;
    }

    /** How values are compressed where the contract says so, and how large an event may be. */
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
     * @throws HermesException as {@link HermesPublisher#open} says
     */
    public HermesPublisher<M> open() {
      return PublisherStart.open(config());
    }

    /** What is set now; a later change of this builder concerns only publishers opened later. */
    PublisherConfig config() {
      return new PublisherConfig(
          List.copyOf(topics),
          settings == null ? KafkaSettings.fromEnvironment() : settings,
          createTopics,
          maxRecords,
          maxBytes,
          maxWait,
          deliveryTimeout,
          zstd,
          observers);
    }
  }
}
