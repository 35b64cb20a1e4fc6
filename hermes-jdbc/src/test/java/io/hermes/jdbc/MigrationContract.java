package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.CompositeResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Flyway and Liquibase themselves create the tables, in the ways that docs/outbox.md describes. */
@KafkaTest
@Timeout(120)
abstract class MigrationContract {

  private final Kafka kafka;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  MigrationContract(Kafka kafka) {
    this.kafka = kafka;
  }

  /** A new database of that name, without tables. */
  abstract DataSource empty(String name) throws SQLException;

  private String script(DataSource source, String name) throws SQLException {
    try (Connection connection = source.getConnection()) {
      return Database.of(connection).path(name);
    }
  }

  @Test
  void flywayRunsCopiesOfTheScripts() throws Exception {
    DataSource source = empty("flyway");
    copy(script(source, "outbox.sql"), "V12__hermes_outbox.sql");
    copy(script(source, "inbox.sql"), "V13__hermes_inbox.sql");
    Flyway flyway = Flyway.configure().dataSource(source).locations("filesystem:" + folder).load();

    assertThat(flyway.migrate().migrationsExecuted).isEqualTo(2);

    assertWorks(source);
    assertThat(flyway.migrate().migrationsExecuted).isZero();
  }

  private void copy(String resource, String name) throws IOException {
    try (InputStream in = Database.class.getClassLoader().getResourceAsStream(resource)) {
      assertThat(in).as(resource).isNotNull();
      Files.write(folder.resolve(name), in.readAllBytes());
    }
  }

  @Test
  void liquibaseRunsTheScriptsOnTheClassPath() throws Exception {
    DataSource source = empty("liquibase");
    String documented = OutboxGuide.snippet("yaml");
    assertThat(documented).contains("hermes/jdbc/postgresql/outbox.sql");
    String outbox =
        documented.replace("hermes/jdbc/postgresql/outbox.sql", script(source, "outbox.sql"));
    Files.writeString(folder.resolve("outbox.yaml"), outbox);
    Files.writeString(folder.resolve("inbox.yaml"), outbox.replace("outbox", "inbox"));

    update(source, "outbox.yaml");
    update(source, "inbox.yaml");

    assertWorks(source);
    update(source, "outbox.yaml"); // nothing is left to do
  }

  private void update(DataSource source, String changeLog) throws Exception {
    try (Connection connection = source.getConnection()) {
      var database =
          DatabaseFactory.getInstance()
              .findCorrectDatabaseImplementation(new JdbcConnection(connection));
      ResourceAccessor resources =
          new CompositeResourceAccessor(
              new DirectoryResourceAccessor(folder), new ClassLoaderResourceAccessor());
      Scope.child(
          Map.of(
              Scope.Attr.resourceAccessor.name(), resources, "liquibase.analytics.enabled", false),
          () ->
              new CommandScope("update")
                  .addArgumentValue("changelogFile", changeLog)
                  .addArgumentValue("database", database)
                  .execute());
    }
  }

  /** Every shard and every lock is there: events of many keys arrive, and have one effect each. */
  private void assertWorks(DataSource source) throws Exception {
    Topic<UserEvent> topic = Users.topic(kafka, 1);
    List<UserEvent> events =
        IntStream.range(0, 50).mapToObj(i -> Users.event("user-" + i)).toList();
    try (Connection connection = source.getConnection();
        Outbox outbox = Outbox.builder().topic(topic).build()) {
      Outbox.checkTables(connection);
      Inbox.checkTables(connection);
      connection.setAutoCommit(false);
      outbox.publishAll(connection, events);
      connection.commit();
    }
    try (OutboxRelay relay =
        OutboxRelay.builder(source)
            .settings(KafkaSettings.of(kafka.bootstrapServers()))
            .pollInterval(Duration.ofMillis(50))
            .start()) {
      Users.await("all are published", () -> relay.health().counts().published() == 50);
      assertThat(relay.health().shards()).hasSize(KeyHash.SHARDS);
    }
    assertThat(Users.ids(kafka, topic))
        .containsExactlyInAnyOrderElementsOf(events.stream().map(UserEvent::getEventId).toList());
  }
}
