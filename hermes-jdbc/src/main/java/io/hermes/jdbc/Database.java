package io.hermes.jdbc;

import io.hermes.HermesException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The differences between databases. The rows of a key get their ids in the order in which their
 * transactions commit: a transaction that inserts a row locks the key first, then gets the id, and
 * holds the lock until it ends.
 */
enum Database {
  /** Locks a key with an advisory lock, which needs no row. */
  POSTGRESQL("PostgreSQL") {
    @Override
    String insert(boolean notify) {
      // Takes the lock, then inserts the row with its id, in one round trip. Null takes no lock.
      return "WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(?)"
          + (notify ? ", pg_notify('" + CHANNEL + "', ?::text)" : "")
          + ") INSERT INTO hermes_outbox ("
          + COLUMNS
          + ") SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM locked";
    }

    /** Uses one statement, so it does not depend on how the driver batches. */
    @Override
    Set<String> mark(Connection connection, String consumer, SortedSet<String> ids)
        throws SQLException {
      Set<String> fresh = new HashSet<>();
      try (PreparedStatement statement =
          connection.prepareStatement(
              "INSERT INTO hermes_inbox (consumer, event_id) SELECT ?, id FROM unnest(?) AS id ON"
                  + " CONFLICT DO NOTHING RETURNING event_id")) {
        statement.setString(1, consumer);
        statement.setArray(2, connection.createArrayOf("text", ids.toArray()));
        try (ResultSet results = statement.executeQuery()) {
          while (results.next()) {
            fresh.add(results.getString(1));
          }
        }
      }
      return fresh;
    }

    @Override
    String inboxPurge() {
      return "DELETE FROM hermes_inbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM hermes_inbox WHERE"
          + " handled_at < ? ORDER BY handled_at LIMIT ? FOR UPDATE SKIP LOCKED))";
    }

    @Override
    boolean locksInInsert() {
      return true;
    }

    @Override
    void delete(Connection connection, Collection<Long> ids) throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement("DELETE FROM hermes_outbox WHERE id = ANY (?)")) {
        statement.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
        statement.executeUpdate();
      }
    }
  },

  /** Locks one of 1,024 rows for a key. */
  H2("H2"),

  /** As H2. */
  MARIADB("MariaDB");

  static final String CHANNEL = "hermes_outbox";
  static final String COLUMNS =
      "shard, key_hash, event_id, topic, record_key, payload, event_type, message_type,"
          + " content_encoding, headers";
  private static final String INBOX = "INSERT INTO hermes_inbox (consumer, event_id) VALUES (?, ?)";
  private static final int SLOTS = 1_024;
  private static final Pattern COMMENT = Pattern.compile("--[^\n]*");

  private final String product;

  Database(String product) {
    this.product = product;
  }

  /**
   * Returns the database of a connection.
   *
   * @throws HermesException if the database is not one of these
   */
  static Database of(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    for (Database known : values()) {
      if (known.product.equals(product)) {
        return known;
      }
    }
    throw new HermesException(
        "The outbox and the inbox of Hermes do not support "
            + product
            + ". Use PostgreSQL, MariaDB or H2.",
        null);
  }

  /**
   * Returns the statement that inserts a row. If it also locks the key, the key's hash is its first
   * parameter.
   */
  String insert(boolean notify) {
    return "INSERT INTO hermes_outbox (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  }

  boolean locksInInsert() {
    return false;
  }

  /** Returns the tables that outbox.sql creates, separated by commas. */
  String outboxTables() {
    return "hermes_outbox, hermes_outbox_shard" + (locksInInsert() ? "" : ", hermes_outbox_slot");
  }

  /** Locks a key until the transaction ends, for databases whose insert does not. */
  void lock(Connection connection, long keyHash) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT slot FROM hermes_outbox_slot WHERE slot = ? FOR UPDATE")) {
      statement.setInt(1, (int) Math.floorMod(keyHash, (long) SLOTS));
      try (ResultSet results = statement.executeQuery()) {
        if (!results.next()) { // nothing was locked, so the key's order would be lost silently
          throw new HermesException(
              "The table hermes_outbox_slot is missing rows. Each publish locks one for its key.",
              "Insert them as " + path("outbox.sql") + " does.",
              null);
        }
      }
    }
  }

  /**
   * Returns the order in which to take locks, so that transactions with several keys do not
   * deadlock.
   */
  long lockOrder(long keyHash) {
    return locksInInsert() ? keyHash : Math.floorMod(keyHash, (long) SLOTS);
  }

  /** Returns the SQL for the database's current time plus a duration. */
  String inMillis(Duration later) {
    return this == MARIADB
        ? "DATE_ADD(CURRENT_TIMESTAMP(6), INTERVAL " + later.toMillis() * 1_000 + " MICROSECOND)"
        : "CURRENT_TIMESTAMP + INTERVAL '" + later.toMillis() / 1_000.0 + "' SECOND";
  }

  /**
   * Marks events as handled by a consumer, in the connection's transaction. It waits for other
   * transactions that mark the same events, so it marks them in sorted order to avoid deadlocks.
   *
   * @return the ids that were not marked before
   */
  Set<String> mark(Connection connection, String consumer, SortedSet<String> ids)
      throws SQLException {
    Set<String> fresh = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(INBOX)) {
      for (String id : ids) {
        statement.setString(1, consumer);
        statement.setString(2, id);
        try {
          statement.executeUpdate();
          fresh.add(id);
        } catch (SQLException e) {
          if (e.getSQLState() == null || !e.getSQLState().startsWith("23")) {
            throw e;
          }
        }
      }
    }
    return fresh;
  }

  /** Returns the statement that deletes old marks, up to a given number. */
  String inboxPurge() {
    return "DELETE FROM hermes_inbox WHERE handled_at < ? LIMIT ?";
  }

  /** Deletes rows of the outbox; some of them may already be gone. */
  void delete(Connection connection, Collection<Long> ids) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "DELETE FROM hermes_outbox WHERE id IN ("
              + ids.stream().map(String::valueOf).collect(Collectors.joining(", "))
              + ")");
    }
  }

  /** Runs a script of this module. */
  void run(Connection connection, String script) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String one : COMMENT.matcher(read(script)).replaceAll("").split(";", -1)) {
        if (!one.isBlank()) {
          statement.execute(one);
        }
      }
    }
  }

  /** Returns a script's location on the class path. */
  String path(String script) {
    return "hermes/jdbc/" + name().toLowerCase(Locale.ROOT) + "/" + script;
  }

  private String read(String script) {
    try (InputStream in = Database.class.getClassLoader().getResourceAsStream(path(script))) {
      if (in == null) {
        throw new IllegalStateException("The class path has no " + path(script) + ".");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static boolean isMissingTable(SQLException cause) {
    String state = String.valueOf(cause.getSQLState());
    return state.equals("42P01") || state.equals("42S02") || state.equals("42S04");
  }

  /** Recognizes the SQL states of PostgreSQL and H2, and MariaDB's error code. */
  private static boolean isRefused(SQLException cause) {
    String state = String.valueOf(cause.getSQLState());
    return state.equals("42501") || state.equals("90096") || cause.getErrorCode() == 1142;
  }

  /** A pool that timed out waiting for a connection reports the reason as the cause. */
  private static String reported(SQLException failure) {
    String message = String.valueOf(failure.getMessage()).strip();
    String sentence = message.endsWith(".") ? message : message + ".";
    return failure instanceof SQLTransientConnectionException
            && failure.getCause() instanceof SQLException reason
        ? sentence + " " + reported(reason)
        : sentence;
  }

  /**
   * Converts a failure that the database reported.
   *
   * @param what a sentence that says what was not done
   */
  static HermesException failure(String what, SQLException failure) {
    // A driver's message about a batch can quote the statement, which contains the event.
    SQLException cause =
        failure instanceof BatchUpdateException && failure.getNextException() != null
            ? failure.getNextException()
            : failure;
    String state = cause.getSQLState() == null ? "" : cause.getSQLState();
    String reported = reported(cause);
    if (isMissingTable(cause)) {
      return new HermesException(
          what + " A table of Hermes is missing. The database reported: " + reported,
          "If it is the right database and schema, run the scripts in hermes/jdbc of"
              + " hermes-jdbc.jar, or call createTables().",
          cause);
    }
    if (isRefused(cause)) {
      return new HermesException(
          what
              + " The user of this connection lacks a permission. The database reported: "
              + reported,
          "Grant the privileges listed in docs/outbox.md under Tables.",
          cause);
    }
    boolean retryable =
        cause instanceof SQLTransientException
            || state.startsWith("08")
            || state.startsWith("40")
            || state.startsWith("57P")
            || state.equals("55P03")
            || state.equals("HYT00");
    return new HermesException(what + " The database reported: " + reported, cause, retryable);
  }
}
