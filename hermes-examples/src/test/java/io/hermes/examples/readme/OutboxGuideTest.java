package io.hermes.examples.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.EventRecord;
import io.hermes.PublishRejectedException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.jdbc.Inbox;
import io.hermes.jdbc.Outbox;
import io.hermes.jdbc.OutboxRelay;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.publish.HermesPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.ProcessingOrder;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The snippets of docs/outbox.md. */
@KafkaTest
@Timeout(60)
class OutboxGuideTest {

  private final KafkaSettings settings;
  private final DataSource database = database();
  private final Accounts accounts = new Accounts();
  private final Inbox inbox = Inbox.of("billing");

  OutboxGuideTest(Kafka kafka) {
    settings =
        KafkaSettings.of(kafka.bootstrapServers()).toBuilder()
            .topicPrefix(UUID.randomUUID() + ".")
            .build();
  }

  private static DataSource database() {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    return source;
  }

  @BeforeEach
  void create() throws SQLException {
    try (TopicAdmin topics = TopicAdmin.connect(settings)) {
      topics.createIfMissing(Topic.of(UserEvent.class));
    }
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      Outbox.createTables(connection);
      Inbox.createTables(connection);
      statement.execute("CREATE TABLE account (name VARCHAR, cents BIGINT)");
      statement.execute("INSERT INTO account VALUES ('alice', 1000)");
    }
  }

  private static UserEvent event(String id) {
    return UserEvent.newBuilder().setEventId(id).setUserId("alice").build();
  }

  @Test
  void aWithdrawalAndItsEventAreOneTransaction() throws Exception {
    try (Outbox outbox = Outbox.create()) {
      withdraw(outbox, event("e-1"));
      UserEvent withoutKey = event("e-2").toBuilder().clearUserId().build();
      assertThatThrownBy(() -> withdraw(outbox, withoutKey))
          .isInstanceOf(PublishRejectedException.class);
    }
    assertThat(number("SELECT cents FROM account")).isEqualTo(900);
    assertThat(number("SELECT COUNT(*) FROM hermes_outbox")).isEqualTo(1);

    OutboxRelay relay = OutboxRelay.builder(database).settings(settings).start();
    try (relay) {
      while (number("SELECT COUNT(*) FROM hermes_outbox") > 0) {
        assertThat(relay.health().faults()).isEmpty();
        relay.wake();
      }
    }
    try (var reader = HermesReader.builder(UserEvent.class).settings(settings).toEnd().open()) {
      assertThat(reader).extracting(EventRecord::event).containsExactly(event("e-1"));
    }
  }

  void withdraw(Outbox outbox, UserEvent event) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      accounts.withdraw(connection, event.getUserId(), 100); // your change
      outbox.publish(connection, event); // late: it locks the event's key until the commit
      connection.commit(); // from here on, the event will be on its topic
    } // without a commit, closing rolls both back
  }

  @Test
  void aDepositHappensOnceForEachEvent() throws Exception {
    publish("e-1", "e-1", "e-2");
    HermesSubscriber subscriber =
        HermesSubscriber.builder(UserEvent.class)
            .settings(settings)
            .group("deposits")
            .start(this::deposit);
    try (subscriber) {
      awaitTwoDeposits(subscriber);
    }
    long deleted = Inbox.purge(database, Duration.ofDays(30)); // all consumers' marks
    assertThat(deleted).isZero();
  }

  void deposit(Delivery<UserEvent> delivery) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      inbox.once(delivery, connection, () -> accounts.deposit(connection, delivery.event(), 100));
      connection.commit();
    }
  }

  @Test
  void aBatchOfDepositsHappensOnce() throws Exception {
    publish("e-1", "e-1", "e-2");
    HermesSubscriber subscriber =
        HermesSubscriber.builder()
            .settings(settings)
            .group("deposits")
            .order(ProcessingOrder.PARTITION)
            .onBatch(UserEvent.class, 500, this::depositAll)
            .start();
    try (subscriber) {
      awaitTwoDeposits(subscriber);
    }
  }

  void depositAll(List<Delivery<UserEvent>> deliveries) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      inbox.once(deliveries, connection, fresh -> accounts.depositAll(connection, fresh));
      connection.commit();
    }
  }

  private void publish(String... ids) {
    List<UserEvent> events = Stream.of(ids).map(OutboxGuideTest::event).toList();
    try (var publisher = HermesPublisher.builder(UserEvent.class).settings(settings).open()) {
      assertThat(publisher.publishAll(events).join().acknowledged()).isEqualTo(ids.length);
    }
  }

  /** The last event comes after the duplicate, and has the same key. */
  private void awaitTwoDeposits(HermesSubscriber subscriber) throws Exception {
    while (number("SELECT COUNT(*) FROM hermes_inbox") < 2) {
      assertThat(subscriber.health().isHealthy()).isTrue();
    }
    assertThat(number("SELECT cents FROM account")).isEqualTo(1_200);
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(sql)) {
      assertThat(results.next()).isTrue();
      return results.getLong(1);
    }
  }

  /** Stands for a service's tables: one account. */
  private static final class Accounts {

    void withdraw(Connection connection, String user, long cents) throws SQLException {
      add(connection, user, -cents);
    }

    void deposit(Connection connection, UserEvent event, long cents) throws SQLException {
      add(connection, event.getUserId(), cents);
    }

    void depositAll(Connection connection, List<Delivery<UserEvent>> deliveries)
        throws SQLException {
      for (Delivery<UserEvent> delivery : deliveries) {
        deposit(connection, delivery.event(), 100);
      }
    }

    private static void add(Connection connection, String user, long cents) throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement("UPDATE account SET cents = cents + ? WHERE name = ?")) {
        statement.setLong(1, cents);
        statement.setString(2, user);
        statement.executeUpdate();
      }
    }
  }
}
