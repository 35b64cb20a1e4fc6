package io.hermes.jdbc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.HermesException;
import io.hermes.Topic;
import io.hermes.subscribe.Delivery;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

/**
 * Applies the effect of each event to a database only once, however often the event is delivered:
 * the effect and the event's id are written in one transaction.
 *
 * <pre>{@code
 * connection.setAutoCommit(false);
 * inbox.once(delivery, connection, () -> accounts.deposit(connection, delivery.event()));
 * connection.commit();
 * }</pre>
 *
 * <p>The id is the field that the contract names as {@code id_field}, or {@code event_id}. If two
 * deliveries of one event are handled concurrently, the second one waits for the first transaction
 * to end. Effects outside this database are not protected.
 *
 * <p>Thread-safe. Needs the table of {@code hermes/jdbc/<database>/inbox.sql}.
 */
public final class Inbox {

  private static final int PURGE_ROWS = 1_000;

  private final String consumer;
  private final Map<Descriptor, Topic<?>> topics = new ConcurrentHashMap<>();

  private Inbox(String consumer) {
    this.consumer = consumer;
  }

  /**
   * The inbox of a consumer.
   *
   * @param consumer identifies the owner of the effects, usually the consumer group; each consumer
   *     handles each event once
   * @return the inbox
   */
  public static Inbox of(String consumer) {
    return new Inbox(consumer);
  }

  /** Uses this contract for its message instead of the one in the schema. */
  public Inbox with(Topic<?> topic) {
    topics.put(topic.descriptor(), topic);
    return this;
  }

  /**
   * Creates the inbox's table. Services that use Flyway or Liquibase run the same script with it.
   *
   * @param connection a connection whose user may create tables
   * @throws HermesException if that fails, for example because the table exists
   */
  public static void createTables(Connection connection) {
    Outbox.create(connection, "inbox.sql");
  }

  /** As {@link Outbox#checkTables}, for the inbox's table. */
  public static void checkTables(Connection connection) {
    Outbox.check(connection, "inbox.sql", database -> "hermes_inbox");
  }

  /**
   * The effect of one event, written through the same connection.
   *
   * @param <E> what it throws
   */
  public interface Effect<E extends Exception> {

    /** Called on the calling thread, in the connection's transaction. */
    void apply() throws E;
  }

  /**
   * The effect of several events, written through the same connection.
   *
   * @param <M> the events' type
   * @param <E> what it throws
   */
  public interface BatchEffect<M extends Message, E extends Exception> {

    /**
     * Called on the calling thread, in the connection's transaction.
     *
     * @param fresh the deliveries whose effect has not been applied yet, in order; never empty
     */
    void apply(List<Delivery<M>> fresh) throws E;
  }

  /**
   * Applies an effect, unless it has already been applied for this event. The caller commits. If
   * the effect throws, or the transaction is rolled back, the event counts as not handled.
   *
   * @param delivery the event
   * @param connection of the caller's transaction; auto-commit must be off
   * @param effect the effect of the event
   * @param <E> what the effect throws
   * @return false if the event had already been handled
   * @throws E as the effect
   * @throws io.hermes.ContractException if the message has no id
   * @throws HermesException if the database refuses
   */
  public <E extends Exception> boolean once(
      Delivery<?> delivery, Connection connection, Effect<E> effect) throws E {
    Set<String> fresh = mark(connection, new TreeSet<>(Set.of(id(delivery.event()))));
    if (fresh.isEmpty()) {
      return false;
    }
    effect.apply();
    return true;
  }

  /**
   * Applies an effect for the events of a batch that have not been handled yet. See {@link
   * #once(Delivery, Connection, Effect)}.
   *
   * @return how many events had not been handled yet
   * @param <M> the events' type
   * @param <E> what the effect throws
   * @throws E as the effect
   */
  public <M extends Message, E extends Exception> int once(
      List<Delivery<M>> deliveries, Connection connection, BatchEffect<M, E> effect) throws E {
    List<String> ids = deliveries.stream().map(delivery -> id(delivery.event())).toList();
    Set<String> marked = mark(connection, new TreeSet<>(ids));
    List<Delivery<M>> fresh = new ArrayList<>(marked.size());
    for (int i = 0; i < ids.size(); i++) {
      if (marked.remove(ids.get(i))) { // a batch may contain an event twice
        fresh.add(deliveries.get(i));
      }
    }
    if (!fresh.isEmpty()) {
      effect.apply(fresh);
    }
    return fresh.size();
  }

  private String id(Message event) {
    @SuppressWarnings("unchecked") // found by the event's own descriptor
    Topic<Message> topic =
        (Topic<Message>) topics.computeIfAbsent(event.getDescriptorForType(), Topic::of);
    return topic.eventId(event);
  }

  private Set<String> mark(Connection connection, SortedSet<String> ids) {
    try {
      if (connection.getAutoCommit()) {
        throw new HermesException(
            "The connection is in auto-commit mode, so the event could count as handled"
                + " without its effect.",
            "Call setAutoCommit(false) and commit both together.",
            null);
      }
      return Database.of(connection).mark(connection, consumer, ids);
    } catch (SQLException e) {
      throw Database.failure("The event was not recorded in the inbox.", e);
    }
  }

  /**
   * Deletes the entries of all consumers that are older than the retention time, in transactions of
   * 1,000 rows, so that handlers never wait for it. Call it regularly, for example once an hour.
   *
   * @param source connections to the database
   * @param retention longer than any event can be redelivered: at least the retention time of the
   *     topics and their dead-letter topics
   * @return how many entries were deleted
   */
  public static long purge(DataSource source, Duration retention) {
    Timestamp before = Timestamp.from(Instant.now().minus(retention));
    long all = 0;
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(true);
      String sql = Database.of(connection).inboxPurge();
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        int some;
        do {
          statement.setTimestamp(1, before);
          statement.setInt(2, PURGE_ROWS);
          some = statement.executeUpdate();
          all += some;
        } while (some == PURGE_ROWS);
      }
      return all;
    } catch (SQLException e) {
      throw Database.failure("The inbox was not purged.", e);
    }
  }
}
