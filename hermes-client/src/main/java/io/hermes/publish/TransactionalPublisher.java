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
 * Publishes several events all or none, across topics and types, in one Kafka transaction.
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
 * see all events of a transaction or none. Other readers also see those of aborted ones.
 *
 * <p>A transaction has one of three outcomes:
 *
 * <ul>
 *   <li>committed: {@link #transaction} returns the receipts.
 *   <li>aborted: a {@link io.hermes.TransactionAbortedException}, or the exception of your own
 *       code. Nothing is visible, and nothing will be.
 *   <li>unknown: a {@link io.hermes.TransactionUnknownException}. The commit was sent and no answer
 *       came in time. Hermes never runs such a transaction again by itself.
 * </ul>
 *
 * <p>The events are kept in memory while your code runs, up to 32 MiB. Only then does Hermes write
 * and commit them: so your code holds up no reader, and an event that cannot be published aborts
 * the transaction before anything is sent. If Kafka aborts a transaction for a reason that passes,
 * such as an election of a leader, Hermes writes the same events again in another transaction,
 * until the time-out. Events with the same key are written in the order in which they were
 * published.
 *
 * <p>One transaction is written at a time. Others of the same publisher wait for their turn, within
 * their time-out; the code of several callers runs in parallel. If the producer is fenced or fails,
 * Hermes replaces it, with the same transactional id, and the publisher goes on. A transaction that
 * was fenced is not written again.
 *
 * <p>Safe for use by any thread.
 */
public interface TransactionalPublisher extends AutoCloseable {

  /** The code that publishes the events of one transaction. Called once. */
  @FunctionalInterface
  interface Body<X extends Exception> {

    /**
     * Publishes the events. They are written after it returns; if it throws, none is.
     *
     * @param tx takes the events; only usable by this thread, until this method returns
     * @throws X aborts the transaction, and is thrown to the caller of {@link #transaction}
     */
    void run(Transaction tx) throws X;
  }

  /** One transaction, as its {@link Body} sees it. Only for the thread that runs the body. */
  interface Transaction {

    /** Adds an event, as {@link #publish(Message, Iterable)} without headers of its own. */
    default void publish(Message event) {
      publish(event, List.of());
    }

    /**
     * Adds an event with additional headers. The names of the contract's own headers are refused,
     * and so is {@link io.hermes.EventHeaders#REDRIVE_GROUP}.
     *
     * @param event an event of one of the publisher's types
     * @param headers additional headers
     * @throws io.hermes.TransactionAbortedException if the event cannot be published; its cause is
     *     a {@link io.hermes.PublishRejectedException}. The transaction is aborted even if you
     *     catch it
     * @throws io.hermes.HermesException if the transaction has ended, or on another thread
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
   * Opens a publisher for some event types, with the environment's settings and all defaults.
   *
   * @param types message classes with a contract, at least one
   * @return the publisher, connected
   * @throws io.hermes.ContractException if a contract is wrong
   * @throws io.hermes.BrokerUnavailableException if no broker responds within the open time-out
   * @throws io.hermes.UnknownTopicException if a topic does not exist
   * @throws io.hermes.AccessException if credentials or permissions are missing
   */
  @SafeVarargs
  static TransactionalPublisher open(Class<? extends Message>... types) {
    return builder(types).open();
  }

  /**
   * Builds a publisher with other settings.
   *
   * @param types message classes with a contract; more can be added with {@link Builder#topic}
   * @return a new builder
   * @throws io.hermes.ContractException if a contract is wrong
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
   * Runs some code, then writes the events that it has published and commits them. Waits for the
   * outcome, and for earlier transactions of this publisher.
   *
   * @param body publishes the events
   * @param <X> what the body throws, if it throws a checked exception
   * @return a receipt for each event, in the order in which they were published; empty if there is
   *     none. Always returns or throws within the publisher's time-out, unless the body takes
   *     longer
   * @throws X what the body has thrown; the transaction is aborted
   * @throws io.hermes.TransactionAbortedException if it was certainly not committed
   * @throws io.hermes.TransactionUnknownException if it may have been committed: also if the thread
   *     was interrupted while the commit was on its way
   */
  <X extends Exception> List<Receipt> transaction(Body<X> body) throws X;

  /** Its transactional id: unique for this publisher, and a new one each time it is opened. */
  String transactionalId();

  /** The current health; its faults say what keeps transactions from being committed. */
  PublisherHealth health();

  /**
   * Accepts no more transactions and disconnects. Transactions that wait for their turn are
   * aborted; the one that is being written may end until the time-out. An interrupt ends the wait,
   * and the thread stays interrupted. Further calls only wait for the first one.
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
     * 20 seconds, which outlasts the crash of a broker. {@code transaction.timeout.ms} is five
     * seconds more, unless the settings say otherwise: if this process dies, the coordinator aborts
     * its transaction after that time, and until then read-committed readers wait at it.
     *
     * @param duration 1 second to 10 minutes
     * @return this
     */
    public Builder timeout(Duration duration) {
      if (duration.compareTo(SHORTEST) < 0 || duration.compareTo(LONGEST) > 0) {
        throw new SettingsException(
            "The time-out of transactions must be 1 s to 10 min, but is "
                + Words.duration(duration)
                + ".",
            null);
      }
      this.timeout = duration;
      return this;
    }

    /** The largest event, and how values are compressed if the contract says so. */
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
     * Connects. Whatever an earlier process left open under another id does not hold this up.
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
