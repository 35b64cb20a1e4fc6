package io.hermes.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for PostgreSQL's NOTIFY, which is sent when a transaction with events commits. Holds one
 * connection. A failure here only delays publishing, since a relay also polls.
 */
final class Notifications {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.jdbc");
  private static final int WAIT_MS = 500;
  private static final long AFTER_ERROR_NS = TimeUnit.SECONDS.toNanos(5);

  private final DataSource source;
  private final IntConsumer wake;
  private volatile boolean stopped;

  private Notifications(DataSource source, IntConsumer wake) {
    this.source = source;
    this.wake = wake;
  }

  /** Returns null if the database is not PostgreSQL, or the driver is not PostgreSQL's own. */
  static @Nullable Notifications of(DataSource source, IntConsumer wake) {
    try (Connection connection = source.getConnection()) {
      return Database.of(connection) == Database.POSTGRESQL
              && connection.isWrapperFor(PGConnection.class)
          ? new Notifications(source, wake)
          : null;
    } catch (SQLException | LinkageError e) {
      LOG.debug("PostgreSQL notifications are not available; the relay only polls", e);
      return null;
    }
  }

  void start() {
    Thread thread = new Thread(this::run, "hermes-outbox-notifications");
    thread.setDaemon(true);
    thread.start();
  }

  void stop() {
    stopped = true;
  }

  private void run() {
    while (!stopped) {
      try (Connection connection = source.getConnection()) {
        listen(connection);
      } catch (SQLException e) {
        if (!stopped) {
          LOG.debug("Lost the connection for PostgreSQL notifications; reconnecting in 5 s", e);
          LockSupport.parkNanos(this, AFTER_ERROR_NS);
        }
      }
    }
  }

  private void listen(Connection connection) throws SQLException {
    connection.setAutoCommit(true);
    PGConnection postgres = connection.unwrap(PGConnection.class);
    try (Statement statement = connection.createStatement()) {
      statement.execute("LISTEN " + Database.CHANNEL);
      while (!stopped) {
        PGNotification[] heard = postgres.getNotifications(WAIT_MS);
        for (PGNotification one : heard == null ? new PGNotification[0] : heard) {
          hear(one.getParameter());
        }
      }
      statement.execute("UNLISTEN " + Database.CHANNEL); // the connection returns to its pool
    }
  }

  private void hear(String shard) {
    try {
      wake.accept(Integer.parseInt(shard));
    } catch (NumberFormatException e) {
      LOG.debug("Ignored a PostgreSQL notification that Hermes did not send", e);
    }
  }
}
