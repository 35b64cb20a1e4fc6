package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.HermesException;
import io.hermes.testkit.Kafka;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class H2Test {

  private static final DataSource SOURCE =
      source("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");

  static DataSource source(String url) {
    DataSource source = empty(url);
    try (Connection connection = source.getConnection()) {
      Outbox.createTables(connection);
      Inbox.createTables(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return source;
  }

  private static DataSource empty(String url) {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL(url);
    return source;
  }

  /** Without the row there would be no lock, and no order of commits. */
  @Test
  void aLockThatDoesNotExistIsAnError() throws SQLException {
    DataSource without = source("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    try (Connection connection = without.getConnection();
        Statement statement = connection.createStatement();
        Outbox outbox = Outbox.create()) {
      statement.executeUpdate("DELETE FROM hermes_outbox_slot");
      connection.setAutoCommit(false);
      assertThatThrownBy(() -> outbox.publish(connection, Users.event("ann")))
          .isInstanceOf(HermesException.class)
          .hasMessageContaining("hermes_outbox_slot is missing rows")
          .hasMessageContaining("hermes/jdbc/h2/outbox.sql");
    }
  }

  @Nested
  class AnOutbox extends OutboxContract {
    AnOutbox(Kafka kafka) {
      super(SOURCE, kafka);
    }
  }

  @Nested
  class AnInbox extends InboxContract {
    AnInbox() {
      super(SOURCE);
    }
  }

  @Nested
  class Migrations extends MigrationContract {
    Migrations(Kafka kafka) {
      super(kafka);
    }

    @Override
    DataSource empty(String name) {
      return H2Test.empty("jdbc:h2:mem:" + name + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    }
  }
}
