package io.hermes.jdbc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.HermesException;
import io.hermes.PublishRejectedException;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.publish.EventEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Publishes events as part of a database transaction: they are published if and only if it commits.
 *
 * <pre>{@code
 * connection.setAutoCommit(false);
 * accounts.withdraw(connection, amount);
 * outbox.publish(connection, event);   // a row of hermes_outbox
 * connection.commit();                 // from now on the event will be on its topic
 * }</pre>
 *
 * <p>An {@link OutboxRelay}, here or in another process, publishes the rows. Delivery is
 * at-least-once: after a crash, an event may be on its topic twice, with the same event id. The
 * events of one key are published in the order in which their transactions commit. To ensure this,
 * a transaction locks the event's key from the publish call until it ends, so transactions that
 * publish events with the same key run one after another from that point on. Publish late in a
 * transaction, and publish several events in one call, which takes the locks in a fixed order. If
 * two transactions deadlock, the database rolls one of them back; retry it.
 *
 * <p>Events are validated immediately: whatever a publisher would reject is rejected here, before a
 * row is written.
 *
 * <p>Thread-safe. Needs the tables of {@code hermes/jdbc/<database>/outbox.sql}.
 */
public final class Outbox implements AutoCloseable {

  /** The most that Kafka adds to a record, apart from a few bytes per header. */
  private static final int OVERHEAD = 100;

  private static final int HEADER_OVERHEAD = 10;

  private final EventEncoder encoder;
  private final boolean notify;
  private final int maxRecordBytes;

  private Outbox(Builder builder) {
    this.encoder = new EventEncoder(builder.zstd);
    builder.topics.forEach(encoder::with);
    this.notify = builder.notify;
    this.maxRecordBytes = builder.maxRecordBytes;
  }

  /** Creates an outbox that accepts every message with a contract. */
  public static Outbox create() {
    return builder().build();
  }

  /** Starts building an outbox with other settings. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Creates the outbox's tables. Services that use Flyway or Liquibase run the same script with it.
   *
   * @param connection a connection whose user may create tables
   * @throws HermesException if that fails, for example because the tables exist
   */
  public static void createTables(Connection connection) {
    create(connection, "outbox.sql");
  }

  /**
   * Checks that the outbox's tables exist.
   *
   * @param connection any connection to the database
   * @throws HermesException if a table is missing, with the name of the script that creates it;
   *     retryable if the database does not respond
   */
  public static void checkTables(Connection connection) {
    check(connection, "outbox.sql", Database::outboxTables);
  }

  static void check(Connection connection, String script, Function<Database, String> needed) {
    String what = "The tables of " + script + " were not checked.";
    try {
      Database database = Database.of(connection);
      String tables = needed.apply(database);
      try (Statement statement = connection.createStatement()) {
        statement.executeQuery("SELECT 1 FROM " + tables + " WHERE 1 = 0").close();
      } catch (SQLException e) {
        throw Database.isMissingTable(e)
            ? new MissingTableException(tables, database.path(script), e)
            : Database.failure(what, e);
      }
    } catch (SQLException e) {
      throw Database.failure(what, e);
    }
  }

  static void create(Connection connection, String script) {
    try {
      Database.of(connection).run(connection, script);
    } catch (SQLException e) {
      throw Database.failure("The tables of " + script + " were not created.", e);
    }
  }

  /**
   * Publishes an event if and when the connection's transaction commits.
   *
   * @param connection of the caller's transaction; auto-commit must be off
   * @param event the event
   * @return the shard of its row, for {@link OutboxRelay#wake(int)} after the commit
   * @throws io.hermes.ContractException if the message has no contract or no id
   * @throws io.hermes.PublishRejectedException if a publisher would reject it
   * @throws HermesException if the database refuses the row; retryable if the same transaction may
   *     succeed on a retry, as after a deadlock
   */
  public Set<Integer> publish(Connection connection, Message event) {
    return publish(connection, event, List.of());
  }

  /** As {@link #publish(Connection, Message)}, with additional headers. */
  public Set<Integer> publish(Connection connection, Message event, Iterable<Header> headers) {
    return insert(connection, List.of(entry(event, headers)));
  }

  /**
   * Publishes several events, in order within each key. Two transactions that each publish their
   * events in one call never deadlock over keys.
   *
   * @param connection as for {@link #publish(Connection, Message)}
   * @param events the events
   * @return the shards of their rows, for {@link OutboxRelay#wake(int)} after the commit
   */
  public Set<Integer> publishAll(Connection connection, Collection<? extends Message> events) {
    return publishAll(connection, events, List.of());
  }

  /**
   * As {@link #publishAll(Connection, Collection)}, with these additional headers on each event.
   */
  public Set<Integer> publishAll(
      Connection connection, Collection<? extends Message> events, Iterable<Header> headers) {
    List<Entry> entries = new ArrayList<>(events.size());
    for (Message event : events) {
      entries.add(entry(event, headers));
    }
    return insert(connection, entries);
  }

  /**
   * Publishes a tombstone, which deletes a key of a compacted topic.
   *
   * @param connection as for {@link #publish(Connection, Message)}
   * @param message the message of the topic's contract
   * @param key the record key, as the contract derives it: text, or an integer as decimal text
   * @return the shard of its row, for {@link OutboxRelay#wake(int)} after the commit
   */
  public Set<Integer> publishTombstone(Connection connection, Descriptor message, String key) {
    ProducerRecord<byte[], byte[]> record =
        encoder.tombstone(message, key.getBytes(StandardCharsets.UTF_8), null);
    return insert(connection, List.of(Entry.of(fitting(record), null)));
  }

  /** Frees native memory. It closes no connection; the caller owns them. */
  @Override
  public void close() {
    encoder.close();
  }

  private record Entry(Row row, int shard, @Nullable String eventId) {

    static Entry of(ProducerRecord<byte[], byte[]> record, @Nullable String eventId) {
      Row row = Row.of(record);
      return new Entry(row, KeyHash.shard(row.keyHash()), eventId);
    }
  }

  private Entry entry(Message event, Iterable<Header> headers) {
    ProducerRecord<byte[], byte[]> record = fitting(encoder.encode(event, headers, null));
    @SuppressWarnings("unchecked") // found by the event's own descriptor
    Topic<Message> topic = (Topic<Message>) encoder.topic(event.getDescriptorForType());
    return Entry.of(record, topic.hasEventId() ? topic.eventId(event) : null);
  }

  private ProducerRecord<byte[], byte[]> fitting(ProducerRecord<byte[], byte[]> record) {
    long size = OVERHEAD + length(record.key()) + length(record.value());
    for (Header header : record.headers()) {
      size +=
          HEADER_OVERHEAD
              + header.key().getBytes(StandardCharsets.UTF_8).length
              + length(header.value());
    }
    if (size > maxRecordBytes) {
      throw new PublishRejectedException(
          "Not added to the outbox for "
              + record.topic()
              + ". The record has "
              + size
              + " bytes, but the outbox accepts "
              + maxRecordBytes
              + ".",
          "Publish a smaller event, or raise the relay's max.request.size, the outbox's"
              + " maxRecordBytes (Spring Boot sets it to max.request.size) and the topic's"
              + " max.message.bytes.",
          null,
          false,
          record.topic());
    }
    return record;
  }

  private static long length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  private Set<Integer> insert(Connection connection, List<Entry> entries) {
    try {
      if (connection.getAutoCommit()) {
        throw new HermesException(
            "The connection is in auto-commit mode, so the event would be committed independently"
                + " of your change.",
            "Call setAutoCommit(false) and commit both together.",
            null);
      }
      Database database = Database.of(connection);
      List<Entry> ordered = new ArrayList<>(entries);
      ordered.sort(Comparator.comparingLong(entry -> lockOrder(database, entry.row.keyHash())));
      try (PreparedStatement statement = connection.prepareStatement(database.insert(notify))) {
        for (Entry entry : ordered) {
          add(database, connection, statement, entry);
        }
        statement.executeBatch();
      }
      return entries.stream().map(Entry::shard).collect(Collectors.toUnmodifiableSet());
    } catch (SQLException e) {
      throw Database.failure("The event was not added to the outbox.", e);
    }
  }

  private static long lockOrder(Database database, @Nullable Long keyHash) {
    return keyHash == null ? Long.MIN_VALUE : database.lockOrder(keyHash);
  }

  private void add(
      Database database, Connection connection, PreparedStatement statement, Entry entry)
      throws SQLException {
    Row row = entry.row;
    Long keyHash = row.keyHash();
    int at = 1;
    if (!database.locksInInsert()) {
      if (keyHash != null) {
        database.lock(connection, keyHash);
      }
    } else {
      if (keyHash == null) {
        statement.setNull(at++, Types.BIGINT);
      } else {
        statement.setLong(at++, keyHash);
      }
      if (notify) {
        statement.setString(at++, Integer.toString(entry.shard));
      }
    }
    row.write(statement, at, entry.shard, entry.eventId);
    statement.addBatch();
  }

  /** Builds an {@link Outbox}. Not thread-safe. */
  public static final class Builder {

    private final List<Topic<?>> topics = new ArrayList<>();
    private ZstdOptions zstd = ZstdOptions.defaults();
    private boolean notify = true;
    private int maxRecordBytes = 1 << 20;

    private Builder() {}

    /** Uses this contract for its message instead of the one in the schema. */
    public Builder topic(Topic<?> topic) {
      topics.add(topic);
      return this;
    }

    /** Sets the largest event, and how values are compressed if the contract asks for it. */
    public Builder zstd(ZstdOptions options) {
      this.zstd = options;
      return this;
    }

    /**
     * Sets the largest record that {@code publish} accepts. Use the {@code max.request.size} of the
     * relay's settings, since the relay would have to park a larger record. Kafka counts key, value
     * and headers, before it compresses batches. Default: 1 MiB, as in Kafka.
     */
    public Builder maxRecordBytes(int bytes) {
      if (bytes < 1) {
        throw new SettingsException("maxRecordBytes is " + bytes + "; it must be 1 or more.", null);
      }
      this.maxRecordBytes = bytes;
      return this;
    }

    /**
     * Does not wake relays through PostgreSQL's NOTIFY. Use this for prepared (XA) transactions,
     * which do not allow NOTIFY, and for thousands of transactions a second, whose commits it would
     * serialize. Relays find the rows at their next poll.
     */
    public Builder withoutNotify() {
      this.notify = false;
      return this;
    }

    /** Builds the outbox. */
    public Outbox build() {
      return new Outbox(this);
    }
  }
}
