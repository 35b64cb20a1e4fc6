package io.hermes.jdbc;

import io.hermes.testkit.Kafka;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

@Tag("full")
@SuppressWarnings("NullAway.Init") // before all tests
class MariaDbTest {

  private static MariaDbServer server;
  private static DataSource source;

  @BeforeAll
  static void start() throws Exception {
    server = MariaDbServer.start();
    source = server.dataSource();
    try (Connection connection = source.getConnection()) {
      Outbox.createTables(connection);
      Inbox.createTables(connection);
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Nested
  class AnOutbox extends OutboxContract {
    AnOutbox(Kafka kafka) {
      super(source, kafka);
    }
  }

  @Nested
  class AnInbox extends InboxContract {
    AnInbox() {
      super(source);
    }
  }

  @Nested
  class Migrations extends MigrationContract {
    Migrations(Kafka kafka) {
      super(kafka);
    }

    @Override
    DataSource empty(String name) throws SQLException {
      return server.create(name);
    }
  }
}
