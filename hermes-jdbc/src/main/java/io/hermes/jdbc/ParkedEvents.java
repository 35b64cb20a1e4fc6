package io.hermes.jdbc;

import io.hermes.HermesException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Lists, retries and drops the events that a relay has set aside because Kafka rejects them, as the
 * command {@code ./hermes outbox} does. Stateless. Each call runs in the connection's transaction
 * or, with auto-commit, in one of its own.
 */
public final class ParkedEvents {

  private static final String EVENTS =
      "SELECT id, topic, record_key, event_type, message_type, event_id, created_at, parked_at,"
          + " parked_reason FROM hermes_outbox WHERE parked_at IS NOT NULL";

  private ParkedEvents() {}

  /**
   * A parked event.
   *
   * @param id the row's id
   * @param topic its topic, as in the contract, without a topic prefix
   * @param key its record key: text, or 0x and hexadecimal digits if it is not UTF-8
   * @param eventType its type as in the header {@code event-type}, if it has one
   * @param messageType the message's full name
   * @param eventId the event's id, if its message has one
   * @param createdAt when it was added
   * @param parkedAt when it was rejected
   * @param reason why it was rejected
   */
  public record ParkedEvent(
      long id,
      String topic,
      Optional<String> key,
      Optional<String> eventType,
      String messageType,
      Optional<String> eventId,
      Instant createdAt,
      Instant parkedAt,
      String reason) {}

  /**
   * Returns the oldest parked events.
   *
   * @param connection a connection to the outbox's database
   * @param limit the most events to return
   * @return the events, ordered by id
   * @throws HermesException if the database refuses
   */
  public static List<ParkedEvent> list(Connection connection, int limit) {
    return query(connection, EVENTS + " ORDER BY id LIMIT " + limit, ParkedEvents::read);
  }

  /**
   * Returns one parked event.
   *
   * @param connection a connection to the outbox's database
   * @param id its id
   * @return the event; empty if no event with this id is parked
   * @throws HermesException if the database refuses
   */
  public static Optional<ParkedEvent> get(Connection connection, long id) {
    return query(connection, EVENTS + " AND id = " + id, ParkedEvents::read).stream().findFirst();
  }

  /**
   * Returns the ids of all parked events.
   *
   * @param connection a connection to the outbox's database
   * @return the ids in ascending order
   * @throws HermesException if the database refuses
   */
  public static List<Long> ids(Connection connection) {
    return query(
        connection,
        "SELECT id FROM hermes_outbox WHERE parked_at IS NOT NULL ORDER BY id",
        results -> results.getLong(1));
  }

  /** Reads the current row of a result set. */
  private interface Reading<T> {
    T from(ResultSet results) throws SQLException;
  }

  private static <T> List<T> query(Connection connection, String sql, Reading<T> reading) {
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet results = statement.executeQuery()) {
      List<T> all = new ArrayList<>();
      while (results.next()) {
        all.add(reading.from(results));
      }
      return all;
    } catch (SQLException e) {
      throw Database.failure("The parked events were not read.", e);
    }
  }

  private static ParkedEvent read(ResultSet results) throws SQLException {
    return new ParkedEvent(
        results.getLong(1),
        results.getString(2),
        Optional.ofNullable(results.getBytes(3)).map(ParkedEvents::text),
        Optional.ofNullable(results.getString(4)),
        results.getString(5),
        Optional.ofNullable(results.getString(6)),
        results.getTimestamp(7).toInstant(),
        results.getTimestamp(8).toInstant(),
        results.getString(9));
  }

  private static String text(byte[] key) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
    } catch (CharacterCodingException e) {
      return "0x" + HexFormat.of().formatHex(key);
    }
  }

  /**
   * Lets a relay publish an event again, before later events of its key.
   *
   * @return whether it was parked
   * @throws HermesException if the database refuses
   */
  public static boolean retry(Connection connection, long id) {
    return change(
        connection,
        "UPDATE hermes_outbox SET parked_at = NULL, parked_reason = NULL WHERE id = ? AND parked_at"
            + " IS NOT NULL",
        id);
  }

  /**
   * Drops an event, which is then never published.
   *
   * @return whether it was parked
   * @throws HermesException if the database refuses
   */
  public static boolean drop(Connection connection, long id) {
    return change(
        connection, "DELETE FROM hermes_outbox WHERE id = ? AND parked_at IS NOT NULL", id);
  }

  private static boolean change(Connection connection, String sql, long id) {
    try {
      return OutboxTable.update(connection, sql, id) == 1;
    } catch (SQLException e) {
      throw Database.failure("Parked event " + id + " was not changed.", e);
    }
  }
}
