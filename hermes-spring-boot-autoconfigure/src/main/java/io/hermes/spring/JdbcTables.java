package io.hermes.spring;

import io.hermes.HermesException;
import io.hermes.jdbc.MissingTableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks when the application starts that it has the tables of the outbox or the inbox.
 *
 * @param owner what needs them, for example "The outbox"
 * @param createTables whether they are created if they are missing
 * @param property what has them created
 * @param without what to do if they are not needed; empty, or a sentence after a space
 * @param check checks them
 * @param create creates them
 */
record JdbcTables(
    String owner,
    boolean createTables,
    String property,
    String without,
    Consumer<Connection> check,
    Consumer<Connection> create) {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.spring");

  /**
   * Checks them. A database that does not respond is left for later.
   *
   * @throws HermesException if they are missing and are not created, or if the database is of a
   *     kind that Hermes does not support
   */
  void ensure(DataSource source) {
    try (Connection connection = source.getConnection()) {
      try {
        check.accept(connection);
      } catch (MissingTableException e) {
        if (!createTables) {
          throw missing(e);
        }
        createUnlessOthersHave(connection);
      }
    } catch (SQLException e) {
      notChecked(e);
    } catch (HermesException e) {
      if (!e.isRetryable()) {
        throw e;
      }
      notChecked(e);
    }
  }

  private void notChecked(Exception why) {
    LOG.warn(
        "{}: the tables are not checked, since the database does not respond. {}",
        owner,
        why.getMessage());
  }

  private InvalidPropertyException missing(MissingTableException e) {
    return new InvalidPropertyException(
        owner + " has no table in the database. It needs " + e.tables() + ".",
        "Run "
            + e.script()
            + " of hermes-jdbc.jar as a migration, for example with Flyway or Liquibase. For"
            + " development and tests, "
            + property
            + "=true creates the tables."
            + without,
        e);
  }

  /** Another instance may start at the same time. */
  private void createUnlessOthersHave(Connection connection) throws SQLException {
    endTransaction(connection, false); // the check has broken it
    try {
      create.accept(connection);
      endTransaction(connection, true);
    } catch (HermesException e) {
      endTransaction(connection, false);
      try {
        check.accept(connection);
      } catch (HermesException stillMissing) {
        e.addSuppressed(stillMissing);
        throw e;
      }
    }
  }

  /** Some pools give connections without auto-commit. */
  private static void endTransaction(Connection connection, boolean commits) throws SQLException {
    if (connection.getAutoCommit()) {
      return;
    }
    if (commits) {
      connection.commit();
    } else {
      connection.rollback();
    }
  }
}
