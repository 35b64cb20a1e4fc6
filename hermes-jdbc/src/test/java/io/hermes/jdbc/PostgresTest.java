package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.Delivery;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
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

  /** Those that the guide names suffice. */
  @Test
  void aServiceAndARelayNeedFewRights(Kafka kafka) throws Exception {
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE ROLE service; CREATE ROLE relay; CREATE ROLE purge; CREATE ROLE nobody");
      statement.execute("GRANT INSERT, SELECT ON hermes_outbox TO service");
      statement.execute("GRANT SELECT ON hermes_outbox_shard TO service");
      statement.execute("GRANT INSERT, SELECT ON hermes_inbox TO service");
      statement.execute("GRANT SELECT, UPDATE, DELETE ON hermes_inbox TO purge");
      statement.execute("GRANT SELECT, UPDATE, DELETE ON hermes_outbox TO relay");
      statement.execute("GRANT SELECT, UPDATE ON hermes_outbox_shard TO relay");
    }
    Topic<UserEvent> topic = Users.topic(kafka, 1);
    try (Outbox outbox = Outbox.builder().topic(topic).build();
        OutboxRelay relay =
            OutboxRelay.builder(server.as("relay"))
                .settings(KafkaSettings.of(kafka.bootstrapServers()))
                .start()) {
      try (Connection connection = server.as("service").getConnection()) {
        Outbox.checkTables(connection);
        Inbox.checkTables(connection);
        connection.setAutoCommit(false);
        outbox.publish(connection, Users.event("ann", "1"));
        Delivery<UserEvent> delivery = Delivery.of(topic, Users.event("ann", "rights"));
        assertThat(Inbox.of("billing").once(delivery, connection, () -> {})).isTrue();
        connection.commit();
      }
      assertThat(Inbox.purge(server.as("purge"), Duration.ofDays(-1))).isPositive();
      Users.await("published", () -> Users.ids(kafka, topic).contains("1"));
      Users.await("deleted", () -> relay.health().isHealthy() && relay.health().pending() == 0);
      try (Connection connection = server.as("nobody").getConnection()) {
        connection.setAutoCommit(false);
        assertThatThrownBy(() -> outbox.publish(connection, Users.event("ann", "2")))
            .hasMessageContaining("Grant the privileges listed in docs/outbox.md under Tables");
      }
    }
  }

  private static boolean isListening(DataSource source) throws SQLException {
    try (Connection connection = source.getConnection()) {
      return Users.count(
              connection, "pg_stat_activity WHERE query LIKE 'LISTEN hermes%' AND state = 'idle'")
          == 1;
    }
  }
}
