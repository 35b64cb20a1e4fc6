package io.hermes.publish;

import com.google.protobuf.Message;
import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.kafka.ClusterNames;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TransactionFailures;
import io.hermes.kafka.TransactionFailures.Step;
import io.hermes.kafka.TransactionalIds;
import io.hermes.publish.PendingTransaction.Aborted;
import io.hermes.publish.PendingTransaction.Committed;
import io.hermes.publish.PendingTransaction.Outcome;
import io.hermes.publish.PendingTransaction.Unknown;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A transactional publisher for unit tests, without Kafka: it keeps the committed events in memory.
 *
 * <pre>{@code
 * try (var publisher = InMemoryTransactionalPublisher.of(OrderPlaced.class, PaymentEvent.class)) {
 *   new Checkout(publisher).pay(order);
 *   assertThat(publisher.transactions())
 *       .extracting(CommittedTransaction::events)
 *       .containsExactly(List.of(order, payment));
 * }
 * }</pre>
 *
 * <p>It is the publisher that {@link TransactionalPublisher#open} returns, up to the point where
 * the events of a transaction would be sent. As in production, it checks contracts, sizes, headers
 * and threads, derives keys, encodes values and aborts. Each topic has one partition, in which each
 * transaction marker takes an offset, as in Kafka. It does not check what only a broker or Kafka's
 * producer can: whether the topic exists, permissions, and {@code max.request.size}. The timeout is
 * ten minutes.
 *
 * <p>Every transaction is committed, unless {@link #nextOutcomes} says otherwise. Safe for any
 * thread; starts no thread.
 */
public final class InMemoryTransactionalPublisher implements TransactionalPublisher {

  /** The outcome of a transaction. */
  public enum TransactionOutcome {
    /** The call returns receipts. */
    COMMITTED,
    /**
     * A {@link io.hermes.TransactionAbortedException} that is not retryable, as for a missing
     * permission.
     */
    ABORTED,
    /** A {@link io.hermes.TransactionAbortedException} that is retryable. */
    ABORTED_RETRYABLE,
    /**
     * A {@link io.hermes.TransactionUnknownException}, as for a commit without a response. Its
     * events are not kept, as if it had been aborted.
     */
    UNKNOWN
  }

  /**
   * A transaction that was committed.
   *
   * @param records its events and tombstones in the order in which they were published, as
   *     subscribers would get them: with topic, key and headers. Timestamps are not set
   */
  public record CommittedTransaction(List<EventRecord<Message>> records) {

    /** Copies the list. */
    public CommittedTransaction {
      records = List.copyOf(records);
    }

    /** Its events, without tombstones. */
    public List<Message> events() {
      return records.stream()
          .filter(record -> !record.isTombstone())
          .<Message>map(EventRecord::event)
          .toList();
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");
  private static final String WHERE = "in-memory:9092";
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private final Memory memory;
  private final KafkaTransactionalPublisher publisher;
  private final List<Topic<?>> topics;

  private InMemoryTransactionalPublisher(Builder builder) {
    ClusterNames names = ClusterNames.of(KafkaSettings.of(WHERE));
    PublisherConfig config = builder.timeout(TIMEOUT).config(names);
    this.topics = config.topics();
    String id = TransactionalIds.create("in-memory", "transactions");
    PublicationObservers observers =
        PublicationObservers.of(config.observers(), "Transactional publisher in memory", LOG);
    this.memory = new Memory(new RecordMemory<>(topics), new TransactionFailures(WHERE, id));
    this.publisher =
        new KafkaTransactionalPublisher(
            new TransactionDraft.Terms(PublisherStart.routes(config), observers, id),
            memory,
            TIMEOUT);
  }

  /**
   * A publisher of one or more types.
   *
   * @param types message classes with a contract, at least one
   * @return the publisher, open
   * @throws io.hermes.ContractException if a contract is invalid
   */
  @SafeVarargs
  public static InMemoryTransactionalPublisher of(Class<? extends Message>... types) {
    return new InMemoryTransactionalPublisher(TransactionalPublisher.builder(types));
  }

  /**
   * Sets the outcomes of the next transactions, in this order. Later transactions are committed. A
   * transaction whose body throws, or that has an invalid event, is aborted anyway and does not use
   * up an outcome; nor does a transaction without events.
   *
   * @param outcomes one for each transaction
   */
  public void nextOutcomes(TransactionOutcome... outcomes) {
    memory.script(List.of(outcomes));
  }

  /**
   * The committed transactions, in commit order. A transaction is included as soon as {@code
   * transaction} has returned.
   *
   * @return a copy
   */
  public List<CommittedTransaction> transactions() {
    return memory.committed();
  }

  /**
   * The events of all {@link #transactions()}, without tombstones.
   *
   * @return a copy
   */
  public List<Message> events() {
    return transactions().stream().flatMap(one -> one.events().stream()).toList();
  }

  /** Forgets the committed transactions, and the outcomes that are not used yet. */
  public void clear() {
    memory.clear();
  }

  @Override
  public <X extends Exception> List<Receipt> transaction(Body<X> body) throws X {
    return publisher.transaction(body);
  }

  @Override
  public String transactionalId() {
    return publisher.transactionalId();
  }

  @Override
  public PublisherHealth health() {
    return publisher.health();
  }

  /** Closes the publisher; {@link #transactions()} and {@link #events()} stay available. */
  @Override
  public void close(Duration timeout) {
    publisher.close(timeout);
  }

  @Override
  public String toString() {
    return "InMemoryTransactionalPublisher" + topics;
  }

  /** Ends each transaction immediately, with outcomes as Kafka's real producer reports them. */
  private static final class Memory implements TransactionOutlet {

    private final RecordMemory<Message> records;
    private final TransactionFailures failures;

    // Guarded by this.
    private final Queue<TransactionOutcome> script = new ArrayDeque<>();
    private final List<CommittedTransaction> committed = new ArrayList<>();
    private final Map<String, Long> nextOffsets = new HashMap<>();
    private boolean closed;

    Memory(RecordMemory<Message> records, TransactionFailures failures) {
      this.records = records;
      this.failures = failures;
    }

    synchronized void script(List<TransactionOutcome> outcomes) {
      script.addAll(outcomes);
    }

    synchronized List<CommittedTransaction> committed() {
      return List.copyOf(committed);
    }

    synchronized void clear() {
      script.clear();
      committed.clear();
    }

    @Override
    public synchronized void add(PendingTransaction transaction) {
      if (closed) {
        transaction.giveUp(TransactionOutlet.closedReason());
        return;
      }
      TransactionOutcome outcome =
          script.isEmpty() ? TransactionOutcome.COMMITTED : script.remove();
      transaction.end(
          switch (outcome) {
            case COMMITTED -> commit(transaction.entries());
            case ABORTED ->
                aborted(
                    new TopicAuthorizationException("The test aborts this transaction for good."));
            case ABORTED_RETRYABLE ->
                aborted(
                    new NotLeaderOrFollowerException("The test aborts this transaction for now."));
            case UNKNOWN -> {
              Exception noAnswer =
                  new TimeoutException("The test leaves the outcome of this transaction open.");
              yield new Unknown(failures.of(Step.COMMIT, noAnswer).reason());
            }
          });
    }

    private Outcome aborted(Exception refusal) {
      return new Aborted(failures.of(Step.SEND, refusal).reason());
    }

    private Outcome commit(List<TransactionDraft.Entry> entries) {
      Instant now = Instant.ofEpochMilli(System.currentTimeMillis()); // in ms, like Kafka's
      List<EventRecord<Message>> kept = new ArrayList<>();
      List<Receipt> receipts = new ArrayList<>();
      for (TransactionDraft.Entry entry : entries) {
        ProducerRecord<byte[], byte[]> record = entry.record();
        long offset = takeOffset(record.topic());
        kept.add(records.record(record, offset));
        receipts.add(
            new Receipt(record.topic(), 0, offset, now, entry.keyBytes(), entry.valueBytes()));
      }
      kept.stream().map(EventRecord::topic).distinct().forEach(this::takeOffset); // the markers
      committed.add(new CommittedTransaction(kept));
      return new Committed(List.copyOf(receipts));
    }

    private long takeOffset(String topic) {
      return nextOffsets.merge(topic, 1L, Long::sum) - 1;
    }

    @Override
    public synchronized PublisherHealth health(
        long observerFailures, PublisherHealth.Transactions transactions) {
      return new PublisherHealth(
          closed ? PublisherHealth.State.CLOSED : PublisherHealth.State.OPEN,
          List.of(),
          Duration.ZERO,
          0,
          0,
          observerFailures,
          Optional.of(transactions));
    }

    @Override
    public synchronized void close(long deadlineNs) {
      closed = true;
      records.close();
    }
  }
}
