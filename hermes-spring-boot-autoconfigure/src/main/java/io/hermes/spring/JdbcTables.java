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
 * Checks at startup that the tables of the outbox or the inbox exist.
 *
 * @param owner what needs them, for example "The outbox"
 * @param createTables whether to create missing tables
 * @param property the property that enables their creation
 * @param without what to do if they are not needed; empty, or a sentence after a space
 * @param check checks the tables
 * @param create creates the tables
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
   * Checks the tables. If the database does not respond, it only logs a warning.
   *
   * @throws HermesException if tables are missing and are not created, or if Hermes does not
   *     support the database
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
        "{}: the tables were not checked, because the database does not respond. {}",
        owner,
        why.getMessage());
  }

  private InvalidPropertyException missing(MissingTableException e) {
    return new InvalidPropertyException(
        owner + " needs tables that the database does not have: " + e.tables() + ".",
        "Run "
            + e.script()
            + " of hermes-jdbc.jar as a migration, for example with Flyway or Liquibase. For"
            + " development and tests, "
            + property
            + "=true creates the tables."
            + without,
        e);
  }

  /** Creates the tables, unless another instance has created them in the meantime. */
  private void createUnlessOthersHave(Connection connection) throws SQLException {
    endTransaction(connection, false); // the failed check has aborted it
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

  /** Ends the transaction, if there is one: some pools hand out connections without auto-commit. */
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
