package io.hermes.publish;

import com.google.protobuf.Message;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.kafka.ClusterNames;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Publishes several events atomically, across topics and types, in one Kafka transaction.
 *
 * <pre>{@code
 * try (var publisher = TransactionalPublisher.open(OrderPlaced.class, InvoiceDue.class)) {
 *   publisher.transaction(
 *       tx -> {
 *         tx.publish(order);
 *         tx.publish(invoice);
 *       });
 * }
 * }</pre>
 *
 * <p>Readers with {@code isolation.level=read_committed}, such as Hermes' readers and subscribers,
 * see all events of a transaction or none. Other readers also see the events of aborted
 * transactions.
 *
 * <p>A transaction has one of three outcomes:
 *
 * <ul>
 *   <li>committed: {@link #transaction} returns the receipts.
 *   <li>aborted: a {@link io.hermes.TransactionAbortedException}, or the exception that your code
 *       threw. None of its events is or will be visible.
 *   <li>unknown: a {@link io.hermes.TransactionUnknownException}. The commit was sent and no
 *       response arrived in time. Hermes never retries such a transaction by itself.
 * </ul>
 *
 * <p>Events are kept in memory while your code runs, up to 32 MiB. Hermes writes and commits them
 * when your code returns, so slow code never blocks readers. An event that cannot be published
 * aborts the transaction before anything is sent. If Kafka aborts a transaction for a transient
 * reason, such as a leader election, Hermes writes the same events in a new transaction, until the
 * timeout. Events with the same key are written in the order in which they were published.
 *
 * <p>A publisher writes one transaction at a time. The others wait for their turn, within their
 * timeout; the code of several callers runs in parallel. If the producer is fenced or fails, Hermes
 * replaces it with one that has the same transactional id, and the publisher continues. A
 * transaction that was fenced is not retried.
 *
 * <p>Safe for use by any thread.
 */
public interface TransactionalPublisher extends AutoCloseable {

  /** The code that publishes the events of one transaction. Called once. */
  @FunctionalInterface
  interface Body<X extends Exception> {

    /**
     * Publishes the events. They are written after this method returns. If it throws, none is
     * written.
     *
     * @param tx takes the events; usable only on this thread, until this method returns
     * @throws X aborts the transaction, and is thrown to the caller of {@link #transaction}
     */
    void run(Transaction tx) throws X;
  }

  /** One transaction, as its {@link Body} sees it. Usable only on the thread that runs the body. */
  interface Transaction {

    /** Adds an event without additional headers. See {@link #publish(Message, Iterable)}. */
    default void publish(Message event) {
      publish(event, List.of());
    }

    /**
     * Adds an event with additional headers. The event is rejected if a header has the name of one
     * of the contract's own headers, or of {@link io.hermes.EventHeaders#REDRIVE_GROUP}.
     *
     * @param event an event of one of the publisher's types
     * @param headers additional headers
     * @throws io.hermes.TransactionAbortedException if the event cannot be published; its cause is
     *     a {@link io.hermes.PublishRejectedException}. The transaction is aborted even if you
     *     catch it
     * @throws io.hermes.HermesException if the transaction has ended, or if called on another
     *     thread
     */
    void publish(Message event, Iterable<Header> headers);

    /**
     * Adds a tombstone, which deletes a key of a compacted topic.
     *
     * @param type the full name of the message, such as {@code hermes.events.v1.UserEvent}
     * @param key the record key's bytes, as the contract derives it
     */
    void publishTombstone(String type, byte[] key);
  }

  /**
   * Opens a publisher for one or more event types, with the environment's settings and all
   * defaults.
   *
   * @param types message classes with a contract, at least one
   * @return the publisher, connected
   * @throws io.hermes.ContractException if a contract is invalid
   * @throws io.hermes.BrokerUnavailableException if no broker responds within the open timeout
   * @throws io.hermes.UnknownTopicException if a topic does not exist
   * @throws io.hermes.AccessException if credentials or permissions are missing
   */
  @SafeVarargs
  static TransactionalPublisher open(Class<? extends Message>... types) {
    return builder(types).open();
  }

  /**
   * Builds a publisher with custom settings.
   *
   * @param types message classes with a contract; more can be added with {@link Builder#topic}
   * @return a new builder
   * @throws io.hermes.ContractException if a contract is invalid
   */
  @SafeVarargs
  static Builder builder(Class<? extends Message>... types) {
    Builder builder = new Builder();
    for (Class<? extends Message> type : types) {
      builder.topic(Topic.of(type));
    }
    return builder;
  }

  /**
   * Runs the body, then writes and commits the events that it published. Waits for the outcome, and
   * for earlier transactions of this publisher.
   *
   * @param body publishes the events
   * @param <X> what the body throws, if it throws a checked exception
   * @return a receipt for each event, in the order in which they were published; empty if the body
   *     published none. Always returns or throws within the publisher's timeout, unless the body
   *     takes longer
   * @throws X what the body threw; the transaction is aborted
   * @throws io.hermes.TransactionAbortedException if it was definitely not committed
   * @throws io.hermes.TransactionUnknownException if it may have been committed, including when the
   *     thread was interrupted while the commit was in flight
   */
  <X extends Exception> List<Receipt> transaction(Body<X> body) throws X;

  /** The transactional id: unique to this publisher, and new each time it is opened. */
  String transactionalId();

  /** The current health; its faults say what prevents transactions from being committed. */
  PublisherHealth health();

  /**
   * Accepts no more transactions and disconnects. Transactions that wait for their turn are
   * aborted; the one being written has until the timeout to finish. An interrupt ends the wait, and
   * the thread stays interrupted. Further calls only wait for the first one to finish.
   *
   * @param timeout the longest wait
   */
  void close(Duration timeout);

  /** Closes within 30 seconds. */
  @Override
  default void close() {
    close(Duration.ofSeconds(30));
  }

  /** Builds a {@link TransactionalPublisher}. Not safe for use by several threads. */
  final class Builder {

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final List<Topic<?>> topics = new ArrayList<>();
    private @Nullable KafkaSettings settings;
    private ZstdOptions zstd = ZstdOptions.defaults();
    private boolean createTopics;
    private Duration timeout = Duration.ofSeconds(20);
    private final List<PublisherObserver> observers = new ArrayList<>();

    private Builder() {}

    /** Adds an event type with its topic. */
    public Builder topic(Topic<?> topic) {
      topics.add(Objects.requireNonNull(topic));
      return this;
    }

    /**
     * Where Kafka is. The transactional id begins with its topic prefix and {@code client.id}, or
     * {@code hermes} if there is none. Default: {@link KafkaSettings#fromEnvironment()}.
     */
    public Builder settings(KafkaSettings kafka) {
      this.settings = Objects.requireNonNull(kafka);
      return this;
    }

    /** Creates missing topics from their contracts. Default: a missing topic is an error. */
    public Builder createTopics() {
      this.createTopics = true;
      return this;
    }

    /**
     * How long a transaction may take, from the call to its outcome, including its body. Default:
     * 20 seconds, enough to survive a broker crash. {@code transaction.timeout.ms} is five seconds
     * more, unless the settings override it. If this process dies, the coordinator aborts its open
     * transaction after that time; until then the transaction blocks read-committed readers.
     *
     * @param duration 1 second to 10 minutes
     * @return this
     */
    public Builder timeout(Duration duration) {
      if (duration.compareTo(SHORTEST) < 0 || duration.compareTo(LONGEST) > 0) {
        throw new SettingsException(
            "The timeout of transactions must be 1 s to 10 min, but is "
                + Words.duration(duration)
                + ".",
            null);
      }
      this.timeout = duration;
      return this;
    }

    /** The maximum event size, and how values are compressed if the contract asks for it. */
    public Builder zstd(ZstdOptions options) {
      this.zstd = Objects.requireNonNull(options);
      return this;
    }

    /** Adds an observer, which follows each event to its outcome, for traces and metrics. */
    public Builder observer(PublisherObserver observer) {
      observers.add(Objects.requireNonNull(observer));
      return this;
    }

    /**
     * Connects. Does not wait for transactions that an earlier process left open under another id.
     *
     * @return the publisher
     * @throws io.hermes.HermesException as for {@link TransactionalPublisher#open}
     */
    public TransactionalPublisher open() {
      ClusterNames names =
          ClusterNames.of(settings == null ? KafkaSettings.fromEnvironment() : settings);
      return TransactionalStart.open(config(names), names.prefix());
    }

    PublisherConfig config(ClusterNames names) {
      if (topics.isEmpty()) {
        throw new SettingsException("A transactional publisher needs at least one type.", null);
      }
      return new PublisherConfig(
          topics.stream().<Topic<?>>map(names::topic).toList(),
          names.settings(),
          createTopics,
          Integer.MAX_VALUE,
          TransactionDraft.MAX_BYTES,
          timeout,
          timeout,
          zstd,
          observers);
    }
  }
}
