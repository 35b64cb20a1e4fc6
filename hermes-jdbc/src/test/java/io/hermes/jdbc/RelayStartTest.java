package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.SettingsException;
import io.hermes.kafka.KafkaSettings;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a relay needs to start: the tables, but no broker. */
@Timeout(60)
class RelayStartTest {

  private final JdbcDataSource source = new JdbcDataSource();
  private final OutboxRelay.Builder relay =
      OutboxRelay.builder(source).settings(KafkaSettings.of("localhost:1"));

  RelayStartTest() {
    source.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
  }

  @Test
  void withoutItsTablesItDoesNotStart() throws SQLException {
    assertThatThrownBy(relay::start).hasMessageContaining("A table of Hermes is missing");
    try (Connection connection = source.getConnection()) {
      assertThatThrownBy(() -> Outbox.checkTables(connection))
          .isInstanceOfSatisfying(
              MissingTableException.class,
              missing -> assertThat(missing.script()).isEqualTo("hermes/jdbc/h2/outbox.sql"));
      assertThatThrownBy(() -> Inbox.checkTables(connection))
          .hasMessageContaining(
              "(hermes_inbox). If it is the right database and schema, run hermes/jdbc/h2/inbox.sql");

      Outbox.createTables(connection);
      Inbox.createTables(connection);
      assertThatCode(() -> Outbox.checkTables(connection)).doesNotThrowAnyException();
      assertThatCode(() -> Inbox.checkTables(connection)).doesNotThrowAnyException();
    }
  }

  @Test
  void aTimeoutThatKafkaRefusesIsNamedAtOnce() throws SQLException {
    try (Connection connection = source.getConnection()) {
      Outbox.createTables(connection);
    }
    assertThatThrownBy(() -> relay.deliveryTimeout(Duration.ofSeconds(1)).start())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("deliveryTimeout must be at least 10001 ms");
  }

  @Test
  void aMissingTableOfLocksIsNoticed() throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      Outbox.createTables(connection);
      statement.execute("DROP TABLE hermes_outbox_slot");
      assertThatThrownBy(() -> Outbox.checkTables(connection))
          .isInstanceOf(MissingTableException.class)
          .hasMessageContaining("hermes_outbox_slot");
    }
  }

  @Test
  void oneOnStandbyDoesNotAskForTheLeaseAtEachWake() throws Exception {
    try (Connection connection = source.getConnection()) {
      Outbox.createTables(connection);
    }
    AtomicInteger connections = new AtomicInteger();
    DataSource counting =
        (DataSource)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> {
                  connections.incrementAndGet();
                  return method.invoke(source, arguments);
                });
    OutboxRelay active = relay.start();
    while (active.health().shards().size() < 8) {
      Thread.sleep(10);
    }
    OutboxRelay standby =
        OutboxRelay.builder(counting).settings(KafkaSettings.of("localhost:1")).start();
    Thread.sleep(500); // each shard has looked once
    int before = connections.get();
    long beganNs = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      standby.wake();
      Thread.sleep(5);
    }
    long seconds = Duration.ofNanos(System.nanoTime() - beganNs).toSeconds();
    // In its own time each shard asks every 2 s, and the backlog is counted now and then.
    assertThat(connections.get() - before).isLessThan((int) (12 * (seconds + 2)));
    assertThat(standby.health().shards()).isEmpty();
    active.close(Duration.ofSeconds(3));
    while (standby.health().shards().size() < 8) {
      Thread.sleep(10);
    }
    standby.close(Duration.ofSeconds(3));
  }

  /** What it would publish after the search would be on the topic beside the other relay's. */
  @Test
  void aRelayThatLooksForATopicKeepsItsShard() throws Exception {
    try (Connection connection = source.getConnection();
        Outbox outbox = Outbox.create()) {
      Outbox.createTables(connection);
      connection.setAutoCommit(false);
      outbox.publish(connection, Users.event("ann"));
      connection.commit();
    }
    relay.lease(Duration.ofSeconds(3));
    try (OutboxRelay active = relay.start()) {
      Users.await("it has all shards", () -> active.health().shards().size() == 8);
      try (OutboxRelay standby = relay.start()) {
        long endNs = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (System.nanoTime() - endNs < 0) {
          assertThat(standby.health().shards()).isEmpty();
          Thread.sleep(10);
        }
        standby.close(Duration.ofSeconds(3));
      }
      active.close(Duration.ofSeconds(3));
    }
  }

  @Test
  void withoutABrokerItStartsHasCountedAndClosesInTime() throws SQLException {
    try (Connection connection = source.getConnection()) {
      Outbox.createTables(connection);
    }
    OutboxRelay started = relay.start();
    assertThat(started.health().pending()).isZero();
    assertThat(started.health().parked()).isZero();
    long beganNs = System.nanoTime();
    started.close(Duration.ofSeconds(3));
    assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(Duration.ofSeconds(4));
  }
}
