package io.hermes.jdbc;

import io.hermes.HermesException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import javax.sql.DataSource;

/**
 * A relay's access to the outbox's tables. Each call is a separate transaction. At most two
 * connections are in use at a time, whatever the number of shards. Thread-safe.
 */
final class OutboxTable {

  private static final String HELD =
      "(o.key_hash IS NULL OR NOT EXISTS (SELECT 1 FROM hermes_outbox p WHERE p.shard = o.shard AND"
          + " p.key_hash = o.key_hash AND p.parked_at IS NOT NULL AND p.id < o.id))";

  private static final int FETCH_ROWS = 100;

  private final DataSource source;
  private final Semaphore connections = new Semaphore(2, true);

  OutboxTable(DataSource source) {
    this.source = source;
  }

  /**
   * The claim of a lease: its owner may change unpublished rows only while the epoch is the same.
   */
  record Claim(int shard, String owner, long epoch) {}

  /** Work on a connection. */
  private interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** Runs work in a transaction. */
  private <T> T transaction(String failed, Work<T> work) throws InterruptedException {
    connections.acquire();
    try (Connection connection = source.getConnection()) {
      boolean before = connection.getAutoCommit();
      connection.setAutoCommit(false);
      try {
        T result = work.on(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException | Error e) {
        rollback(connection, e);
        throw e;
      } finally {
        if (before) {
          connection.setAutoCommit(true);
        }
      }
    } catch (SQLException e) {
      throw Database.failure(failed, e);
    } finally {
      connections.release();
    }
  }

  private static void rollback(Connection connection, Throwable why) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      why.addSuppressed(e);
    }
  }

  /**
   * Acquires the lease of a shard, if no relay holds it.
   *
   * @return the new epoch; empty if another relay has the shard
   */
  OptionalLong acquire(int shard, String owner, Duration lease) throws InterruptedException {
    return transaction(
        "A shard of the outbox was not claimed.",
        connection -> {
          Database database = Database.of(connection);
          int changed =
              update(
                  connection,
                  "UPDATE hermes_outbox_shard SET owner = ?, epoch = epoch + 1, expires_at = "
                      + database.inMillis(lease)
                      + " WHERE shard = ? AND (owner IS NULL OR expires_at < CURRENT_TIMESTAMP)",
                  owner,
                  shard);
          return changed == 0 ? OptionalLong.empty() : OptionalLong.of(epoch(connection, shard));
        });
  }

  private static long epoch(Connection connection, int shard) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT epoch FROM hermes_outbox_shard WHERE shard = ?")) {
      statement.setInt(1, shard);
      try (ResultSet results = statement.executeQuery()) {
        results.next(); // just updated
        return results.getLong(1);
      }
    }
  }

  /** Renews a lease; false if another relay now has the shard. */
  boolean renew(Claim claim, Duration lease) throws InterruptedException {
    return transaction(
        "The lease of a shard of the outbox was not renewed.",
        connection ->
            update(
                    connection,
                    "UPDATE hermes_outbox_shard SET expires_at = "
                        + Database.of(connection).inMillis(lease)
                        + " WHERE shard = ? AND owner = ? AND epoch = ?",
                    claim.shard,
                    claim.owner,
                    claim.epoch)
                == 1);
  }

  /** Releases a lease, so that another relay need not wait until it expires. */
  void release(Claim claim) throws InterruptedException {
    int unused =
        transaction(
            "The lease of a shard of the outbox was not released.",
            connection ->
                update(
                    connection,
                    "UPDATE hermes_outbox_shard SET owner = NULL, expires_at = NULL WHERE shard = ?"
                        + " AND owner = ? AND epoch = ?",
                    claim.shard,
                    claim.owner,
                    claim.epoch));
  }

  /**
   * Returns the oldest rows of a shard that may be published now.
   *
   * @param without topics to skip, since they back off
   * @param hold whether a parked row holds back later rows of its key
   * @param maxRows the most rows to return
   * @param maxBytes stops adding rows once they have this many bytes
   */
  List<Row> next(int shard, Collection<String> without, boolean hold, int maxRows, long maxBytes)
      throws InterruptedException {
    String topics =
        without.isEmpty() ? "" : " AND o.topic NOT IN (?" + ", ?".repeat(without.size() - 1) + ")";
    String sql =
        "SELECT "
            + Row.COLUMNS
            + " FROM hermes_outbox o WHERE o.shard = ? AND o.parked_at IS NULL"
            + topics
            + (hold ? " AND " + HELD : "")
            + " ORDER BY o.id LIMIT "
            + maxRows;
    return transaction(
        "The outbox was not read.",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setFetchSize(FETCH_ROWS);
            int at = 1;
            statement.setInt(at++, shard);
            for (String topic : without) {
              statement.setString(at++, topic);
            }
            return read(statement, maxBytes);
          }
        });
  }

  private static List<Row> read(PreparedStatement statement, long maxBytes) throws SQLException {
    List<Row> rows = new ArrayList<>();
    long bytes = 0;
    try (ResultSet results = statement.executeQuery()) {
      while (bytes < maxBytes && results.next()) {
        Row row = Row.read(results);
        bytes += row.bytes();
        rows.add(row);
      }
    }
    return rows;
  }

  /**
   * Deletes published rows. This is safe even with an expired lease, since the rows are published.
   */
  void delete(Collection<Long> ids) throws InterruptedException {
    Boolean unused =
        transaction(
            "Published rows were not deleted from the outbox.",
            connection -> {
              Database.of(connection).delete(connection, ids);
              return true;
            });
  }

  /** Parks a row; false if the row is gone, or the claim is no longer valid. */
  boolean park(Claim claim, long id, String reason) throws InterruptedException {
    return transaction(
        "A row of the outbox was not parked.",
        connection ->
            update(
                    connection,
                    "UPDATE hermes_outbox SET parked_at = CURRENT_TIMESTAMP, parked_reason = ? WHERE"
                        + " id = ? AND EXISTS (SELECT 1 FROM hermes_outbox_shard WHERE shard = ? AND"
                        + " owner = ? AND epoch = ?)",
                    reason,
                    id,
                    claim.shard,
                    claim.owner,
                    claim.epoch)
                == 1);
  }

  OutboxBacklog backlog() throws InterruptedException {
    return transaction("The outbox was not measured.", OutboxBacklog::read);
  }

  static int update(Connection connection, String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      return statement.executeUpdate();
    }
  }

  static HermesException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new HermesException("Interrupted while the outbox waited for the database.", e, true);
  }
}
