package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@KafkaTest
@Tag("full")
class PostgresTest {

  private static PostgresServer server;

  @BeforeAll
  static void start() throws SQLException {
    server = PostgresServer.start();
    try (Connection connection = server.dataSource().getConnection()) {
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
      super(server.dataSource(), kafka);
    }
  }

  @Nested
  class AnInbox extends InboxContract {
    AnInbox() {
      super(server.dataSource());
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

  /** It would look by itself only after an hour. */
  @Test
  void aCommitWakesTheRelay(Kafka kafka) throws Exception {
    Topic<UserEvent> topic = Users.topic(kafka, 1);
    DataSource source = server.dataSource();
    try (Outbox outbox = Outbox.builder().topic(topic).build();
        OutboxRelay relay =
            OutboxRelay.builder(source)
                .settings(KafkaSettings.of(kafka.bootstrapServers()))
                .pollInterval(Duration.ofHours(1))
                .start()) {
      Users.await("it has all shards", () -> relay.health().shards().size() == 8);
      Users.await("it listens", () -> isListening(source));
      try (Connection connection = source.getConnection()) {
        connection.setAutoCommit(false);
        outbox.publish(connection, Users.event("ann", "1"));
        connection.commit();
      }
      Users.await("published", () -> Users.ids(kafka, topic).contains("1"));
    }
    assertThat(Users.ids(kafka, topic)).containsExactly("1");
  }

  private static boolean isListening(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection()) {
      return Users.count(
              connection, "pg_stat_activity WHERE query LIKE 'LISTEN hermes%' AND state = 'idle'")
          == 1;
    }
  }
}
