package io.hermes.spring;

import io.hermes.HermesException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Gives access to the connection of the calling thread's transaction. Stateless. */
final class TransactionConnection {

  private TransactionConnection() {}

  /**
   * Work on the connection.
   *
   * @param <E> what it throws
   */
  interface Work<E extends Exception> {

    /** Called on the calling thread. */
    void on(Connection connection) throws E;
  }

  /**
   * Runs work on the current transaction's connection to a data source.
   *
   * @param refused a sentence that says what is not done without a transaction
   * @throws HermesException if there is no transaction on that data source
   */
  static <E extends Exception> void use(DataSource source, String refused, Work<E> work) throws E {
    if (!TransactionSynchronizationManager.isActualTransactionActive()) {
      throw new HermesException(
          refused + " There is no transaction.",
          "Annotate the method that calls it with @Transactional, and call that method from another"
              + " bean.",
          null);
    }
    if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
      throw new HermesException(
          refused + " The transaction is read-only.",
          "Remove readOnly from its @Transactional.",
          null);
    }
    Connection connection = DataSourceUtils.getConnection(source);
    try {
      if (isOutside(connection)) {
        throw new HermesException(
            refused
                + " The transaction does not include the DataSource: its transaction manager uses"
                + " another one.",
            "Name the right transaction manager in @Transactional.",
            null);
      }
      work.on(connection);
    } finally {
      DataSourceUtils.releaseConnection(connection, source);
    }
  }

  private static boolean isOutside(Connection connection) {
    try {
      return connection.getAutoCommit();
    } catch (SQLException e) {
      throw new HermesException("The connection of the transaction is broken: " + e, e, true);
    }
  }
}
