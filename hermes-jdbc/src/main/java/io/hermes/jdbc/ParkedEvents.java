package io.hermes.jdbc;

import io.hermes.HermesException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The events that a relay has set aside because Kafka rejects them. To try them again or to drop
 * them, use the command {@code ./hermes outbox}, or this. Stateless; each call is part of the
 * connection's transaction, or one of its own with auto-commit.
 */
public final class ParkedEvents {

  private ParkedEvents() {}

  /**
   * A parked event.
   *
   * @param id the row's id
   * @param topic its topic, as in the contract
   * @param key its record key, as text
   * @param messageType the message's full name
   * @param eventId the event's id, if its message has one
   * @param createdAt when it was added
   * @param parkedAt when it was rejected
   * @param reason why
   */
  public record ParkedEvent(
      long id,
      String topic,
      Optional<String> key,
      String messageType,
      Optional<String> eventId,
      Instant createdAt,
      Instant parkedAt,
      String reason) {}

  /** The oldest parked events. */
  public static List<ParkedEvent> list(Connection connection, int limit) {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT id, topic, record_key, message_type, event_id, created_at, parked_at,"
                + " parked_reason FROM hermes_outbox WHERE parked_at IS NOT NULL ORDER BY id LIMIT "
                + limit)) {
      List<ParkedEvent> events = new ArrayList<>();
      try (ResultSet results = statement.executeQuery()) {
        while (results.next()) {
          events.add(read(results));
        }
      }
      return events;
    } catch (SQLException e) {
      throw Database.failure("The parked events were not read.", e);
    }
  }

  private static ParkedEvent read(ResultSet results) throws SQLException {
    byte[] key = results.getBytes(3);
    return new ParkedEvent(
        results.getLong(1),
        results.getString(2),
        key == null ? Optional.empty() : Optional.of(new String(key, StandardCharsets.UTF_8)),
        results.getString(4),
        Optional.ofNullable(results.getString(5)),
        results.getTimestamp(6).toInstant(),
        results.getTimestamp(7).toInstant(),
        results.getString(8));
  }

  /**
   * Has a relay publish an event again, before later ones of its key.
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
