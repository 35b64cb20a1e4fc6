package io.hermes.spring;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.jdbc.Outbox;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.IntConsumer;
import javax.sql.DataSource;
import org.apache.kafka.common.header.Header;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Publishes events as part of the calling thread's transaction: they are published if and only if
 * it commits.
 *
 * <pre>{@code
 * @Transactional
 * public void withdraw(String account, long amount) {
 *   accounts.withdraw(account, amount);
 *   outbox.publish(new Withdrawn(account, amount));
 * }
 * }</pre>
 *
 * <p>This bean exists if hermes-jdbc is on the class path and there is one {@code DataSource}, or a
 * primary one. It uses the connection that Spring has bound to the transaction, so it works with
 * {@code JdbcClient}, {@code JdbcTemplate}, JPA and every other library that uses it. Events wait
 * in the database while Kafka is down. For order, duplicates and locks, see {@link Outbox}.
 *
 * <p>Every method throws
 *
 * <ul>
 *   <li>{@link io.hermes.HermesException} if there is no transaction, or the database refuses the
 *       event; retryable if the same transaction may succeed on a retry, as after a deadlock
 *   <li>{@link io.hermes.PublishRejectedException} or {@link io.hermes.ContractException} if the
 *       event could never be published
 * </ul>
 *
 * <p>Thread-safe.
 */
public final class TransactionalOutbox {

  private final DataSource source;
  private final Outbox outbox;
  private final OutboxTrace trace;
  private final IntConsumer wake;

  /** Wakes the relay of a shard. Equal instances are registered once per transaction. */
  private record Wake(IntConsumer relay, int shard) implements TransactionSynchronization {

    @Override
    public void afterCommit() {
      relay.accept(shard);
    }
  }

  /**
   * Creates an outbox in a data source's database.
   *
   * @param trace adds its headers to each event, unless the caller sets one of them
   * @param wake wakes the relay for a shard; called after a commit
   */
  TransactionalOutbox(DataSource source, Outbox outbox, OutboxTrace trace, IntConsumer wake) {
    this.source = source;
    this.outbox = outbox;
    this.trace = trace;
    this.wake = wake;
  }

  /** Publishes an event if and when the transaction commits. */
  public void publish(Message event) {
    publish(event, List.of());
  }

  /** As {@link #publish(Message)}, with additional headers. */
  public void publish(Message event, Iterable<Header> headers) {
    add((connection, context) -> outbox.publish(connection, event, with(context, headers)));
  }

  /**
   * Publishes several events, in order within each key. Two transactions that each publish their
   * events in one call never deadlock over keys.
   */
  public void publishAll(Collection<? extends Message> events) {
    add((connection, context) -> outbox.publishAll(connection, events, context));
  }

  /**
   * Publishes a tombstone, which deletes a key of a compacted topic.
   *
   * @param message the message of the topic's contract
   * @param key the record key, as the contract derives it: text, or an integer as decimal text
   */
  public void publishTombstone(Descriptor message, String key) {
    add((connection, context) -> outbox.publishTombstone(connection, message, key));
  }

  /** Keeps a trace context that the caller has set, and then adds no header of the current one. */
  private static Iterable<Header> with(List<Header> context, Iterable<Header> given) {
    List<Header> all = new ArrayList<>();
    given.forEach(all::add);
    boolean isSet =
        context.stream()
            .anyMatch(one -> all.stream().anyMatch(header -> header.key().equals(one.key())));
    if (!isSet) {
      all.addAll(context);
    }
    return all;
  }

  /**
   * Adds rows in the transaction.
   *
   * @param rows receives the headers of the trace context, and returns the rows' shards
   */
  private void add(BiFunction<Connection, List<Header>, Set<Integer>> rows) {
    trace.around(
        context ->
            TransactionConnection.use(
                source,
                "The event is not published.",
                connection -> wake(rows.apply(connection, context))));
  }

  private void wake(Set<Integer> shards) {
    if (TransactionSynchronizationManager.isSynchronizationActive()) {
      for (int shard : shards) {
        TransactionSynchronizationManager.registerSynchronization(new Wake(wake, shard));
      }
    }
  }
}
