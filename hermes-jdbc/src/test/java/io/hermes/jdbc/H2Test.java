package io.hermes.jdbc;

import io.hermes.testkit.Kafka;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Nested;

class H2Test {

  private static final DataSource SOURCE =
      source("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");

  static DataSource source(String url) {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL(url);
    try (Connection connection = source.getConnection()) {
      Outbox.createTables(connection);
      Inbox.createTables(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return source;
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
}
