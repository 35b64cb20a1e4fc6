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
 * at-least-once: after a crash an event may be on its topic twice, with the same event id. The
 * events of one key are published in the order in which their transactions commit. For that, a
 * transaction that publishes locks the event's key until it ends, so transactions with the same key
 * run one after the other from there on: publish late in a transaction, and several events in one
 * call, which locks in one order. Where two transactions wait for each other the database rolls one
 * of them back, as with any lock; try it again.
 *
 * <p>Validation is immediate: what a publisher would reject is thrown here, before there is a row.
 *
 * <p>Safe for any thread. Needs the tables of {@code hermes/jdbc/<database>/outbox.sql}.
 */
public final class Outbox implements AutoCloseable {

  /** What Kafka adds to a record at most, apart from a few bytes for each header. */
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

  /** An outbox for every message with a contract. */
  public static Outbox create() {
    return builder().build();
  }

  /** An outbox with other settings. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Creates the outbox's tables. Services with Flyway or Liquibase run the same script there.
   *
   * @param connection a connection with the right to create tables
   * @throws HermesException if that fails, for example because they exist
   */
  public static void createTables(Connection connection) {
    create(connection, "outbox.sql");
  }

  /**
   * Checks that the outbox's tables are there.
   *
   * @param connection any connection to the database
   * @throws HermesException if one is missing, with the name of the script that creates it;
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
   * @throws io.hermes.PublishRejectedException if it cannot be published, as for a publisher
   * @throws HermesException if the database refuses the row; retryable if the same transaction may
   *     succeed when it is tried again, as after a deadlock
   */
  public Set<Integer> publish(Connection connection, Message event) {
    return publish(connection, event, List.of());
  }

  /** As {@link #publish(Connection, Message)}, with additional headers. */
  public Set<Integer> publish(Connection connection, Message event, Iterable<Header> headers) {
    return insert(connection, List.of(entry(event, headers)));
  }

  /**
   * Publishes several events, in their order within a key. Two transactions that each publish
   * several events in one call never wait for each other.
   *
   * @param connection as for {@link #publish(Connection, Message)}
   * @param events the events
   * @return the shards of their rows, for {@link OutboxRelay#wake(int)} after the commit
   */
  public Set<Integer> publishAll(Connection connection, Collection<? extends Message> events) {
    return publishAll(connection, events, List.of());
  }

  /** As {@link #publishAll(Connection, Collection)}, each event with these headers as well. */
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

  /** Frees native memory. Connections are the caller's. */
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
          "Publish a smaller event, or raise the relay's max.request.size, maxRecordBytes of"
              + " the outbox (with Spring Boot, the first sets it) and the topic's"
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
            "The connection commits each statement by itself, so the event would not depend on your"
                + " change.",
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

  /** Builds an {@link Outbox}. Not safe for use by several threads. */
  public static final class Builder {

    private final List<Topic<?>> topics = new ArrayList<>();
    private ZstdOptions zstd = ZstdOptions.defaults();
    private boolean notify = true;
    private int maxRecordBytes = 1 << 20;

    private Builder() {}

    /** Takes this contract for its message instead of the one in the schema. */
    public Builder topic(Topic<?> topic) {
      topics.add(topic);
      return this;
    }

    /** The largest event, and how values are compressed if the contract says so. */
    public Builder zstd(ZstdOptions options) {
      this.zstd = options;
      return this;
    }

    /**
     * The largest record that {@code publish} accepts: the {@code max.request.size} of the relay's
     * settings, as the relay would have to park a larger one. Kafka counts key, value and headers
     * before the compression of its batches. Default: 1 MiB, as Kafka's.
     */
    public Builder maxRecordBytes(int bytes) {
      if (bytes < 1) {
        throw new SettingsException("maxRecordBytes is " + bytes + "; it must be 1 or more.", null);
      }
      this.maxRecordBytes = bytes;
      return this;
    }

    /**
     * Does not wake relays through PostgreSQL's NOTIFY, for prepared (XA) transactions, which do
     * not allow it, and for thousands of transactions a second, whose commits it would serialize.
     * Relays find the rows when they look next.
     */
    public Builder withoutNotify() {
      this.notify = false;
      return this;
    }

    /** The outbox. */
    public Outbox build() {
      return new Outbox(this);
    }
  }
}
