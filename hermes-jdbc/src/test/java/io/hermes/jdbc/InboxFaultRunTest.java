package io.hermes.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.events.v1.Money;
import io.hermes.events.v1.PaymentEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.testkit.KafkaCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three consumers of one group are killed ten times while they add amounts to balances. */
@Tag("full")
class InboxFaultRunTest {

  private static final int CONSUMERS = 3;
  private static final int KILLS = 10;
  private static final int EVENTS_PER_KILL = 600;
  private static final int ACCOUNTS = 100;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  @SuppressWarnings("NullAway.Init") // by JUnit
  Path directory;

  private final Random random = new Random();
  private final Map<String, Long> expected = new TreeMap<>();

  @ParameterizedTest
  @ValueSource(strings = {"single", "batch"})
  void everyBalanceIsExact(String mode) throws Exception {
    List<ChildProcess> consumers = new ArrayList<>();
    try (PostgresServer database = PostgresServer.start();
        KafkaCluster kafka =
            KafkaCluster.builder().property("group.min.session.timeout.ms", "1000").start();
        Connection connection = database.dataSource().getConnection()) {
      kafka.createTopic("payments.events", 6);
      createTables(connection);
      try (HermesPublisher<PaymentEvent> publisher =
          HermesPublisher.builder(PaymentEvent.class)
              .settings(KafkaSettings.of(kafka.bootstrapServers()))
              .open()) {
        for (int life = 0; life < CONSUMERS + KILLS; life++) {
          if (life >= CONSUMERS) {
            assertThat(publisher.publishAll(events().iterator()).get().isComplete()).isTrue();
            int before = (life - CONSUMERS) * EVENTS_PER_KILL;
            awaitHandled(connection, consumers, before + 100 + random.nextInt(EVENTS_PER_KILL / 2));
            consumers.remove(random.nextInt(CONSUMERS)).kill();
          }
          consumers.add(launch(database, kafka, mode, life));
        }
        awaitHandled(connection, consumers, KILLS * EVENTS_PER_KILL);
      }
      for (ChildProcess consumer : consumers) {
        consumer.terminate();
      }
      long redeliveries = count(connection, "SELECT COALESCE(SUM(number), 0) FROM redelivery");
      System.out.printf(
          "%s: %d events, %d kills, %d redeliveries%n",
          mode, KILLS * EVENTS_PER_KILL, KILLS, redeliveries);
      assertThat(balances(connection)).isEqualTo(expected);
      assertThat(redeliveries).isPositive();
    } finally {
      consumers.forEach(ChildProcess::kill);
    }
  }

  private void createTables(Connection connection) throws SQLException {
    Inbox.createTables(connection);
    try (Statement statement = connection.createStatement()) {
      statement.execute(DepositMain.TABLES);
      statement.execute(
          "INSERT INTO balance SELECT 'account-' || number, 0 FROM generate_series(0, "
              + (ACCOUNTS - 1)
              + ") AS number");
    }
    for (int i = 0; i < ACCOUNTS; i++) {
      expected.put("account-" + i, 0L);
    }
  }

  private ChildProcess launch(PostgresServer database, KafkaCluster kafka, String mode, int life)
      throws IOException {
    return ChildProcess.launch(
        DepositMain.class,
        directory.resolve("consumer-" + life + ".log"),
        database.url(),
        kafka.bootstrapServers(),
        mode);
  }

  /** Deposits and withdrawals of random accounts; what they come to is expected. */
  private List<PaymentEvent> events() {
    List<PaymentEvent> events = new ArrayList<>();
    for (int i = 0; i < EVENTS_PER_KILL; i++) {
      String account = "account-" + random.nextInt(ACCOUNTS);
      long amount = random.nextInt(2_001) - 1_000L;
      expected.merge(account, amount, Long::sum);
      events.add(
          PaymentEvent.newBuilder()
              .setEventId(UUID.randomUUID().toString())
              .setPaymentId(account)
              .setEventType(PaymentEvent.EventType.PAYMENT_CAPTURED)
              .setAmount(Money.newBuilder().setCurrency("EUR").setMinorUnits(amount))
              .build());
    }
    return events;
  }

  private static Map<String, Long> balances(Connection connection) throws SQLException {
    Map<String, Long> balances = new TreeMap<>();
    try (PreparedStatement statement =
            connection.prepareStatement("SELECT account, minor_units FROM balance");
        ResultSet results = statement.executeQuery()) {
      while (results.next()) {
        balances.put(results.getString(1), results.getLong(2));
      }
    }
    return balances;
  }

  /** As long as events are handled: on a busy machine, a JVM takes a minute to start. */
  private void awaitHandled(Connection connection, List<ChildProcess> consumers, int events)
      throws Exception {
    long most = -1;
    long deadlineNs = 0;
    for (long handled = 0; handled < events; Thread.sleep(10)) {
      handled = count(connection, "SELECT COUNT(*) FROM hermes_inbox");
      if (handled > most) {
        most = handled;
        deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
      }
      boolean allLive = consumers.stream().allMatch(ChildProcess::isAlive);
      if (System.nanoTime() - deadlineNs > 0 || !allLive) {
        StringBuilder said = new StringBuilder();
        for (ChildProcess consumer : consumers) {
          said.append('\n').append(consumer.describe());
        }
        throw new AssertionError(handled + " of " + events + " are handled" + said);
      }
    }
  }

  private static long count(Connection connection, String query) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query);
        ResultSet results = statement.executeQuery()) {
      results.next(); // an aggregate has one row
      return results.getLong(1);
    }
  }
}
