package io.hermes.jdbc;

import io.hermes.HermesException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * The backlog of an outbox, across all relays. Immutable.
 *
 * @param pending rows that wait to be published; counted up to 100,001
 * @param parked rows that were rejected and set aside; counted up to 100,001
 * @param oldest the age of the oldest pending row, by the database's clock
 */
public record OutboxBacklog(long pending, long parked, Optional<Duration> oldest) {

  /**
   * Measures the backlog, in the connection's transaction or, with auto-commit, in one of its own.
   *
   * @param connection a connection to the outbox's database
   * @return the current backlog
   * @throws HermesException if the database refuses, or does not have an outbox
   */
  public static OutboxBacklog of(Connection connection) {
    try {
      return read(connection);
    } catch (SQLException e) {
      throw Database.failure("The outbox was not measured.", e);
    }
  }

  static OutboxBacklog read(Connection connection) throws SQLException {
    return new OutboxBacklog(
        count(connection, "parked_at IS NULL"),
        count(connection, "parked_at IS NOT NULL"),
        oldest(connection));
  }

  private static long count(Connection connection, String which) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT COUNT(*) FROM (SELECT 1 FROM hermes_outbox WHERE "
                    + which
                    + " LIMIT 100001) AS counted");
        ResultSet results = statement.executeQuery()) {
      results.next(); // a count has one row
      return results.getLong(1);
    }
  }

  private static Optional<Duration> oldest(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT created_at, CURRENT_TIMESTAMP FROM hermes_outbox WHERE parked_at IS NULL"
                    + " ORDER BY id LIMIT 1");
        ResultSet results = statement.executeQuery()) {
      if (!results.next()) {
        return Optional.empty();
      }
      Duration age =
          Duration.between(
              results.getTimestamp(1).toInstant(), results.getTimestamp(2).toInstant());
      return Optional.of(age.isNegative() ? Duration.ZERO : age);
    }
  }
}
