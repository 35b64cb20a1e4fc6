package io.hermes.jdbc;

import io.hermes.events.v1.PaymentEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.Delivery;
import io.hermes.subscribe.ErrorPolicy;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberBuilder;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A consumer in a JVM of its own, which adds amounts to balances through an inbox. Now and then it
 * fails within the transaction; after the commit it takes a while. What it finds handled before
 * becomes a row of {@code redelivery}.
 *
 * <p>Arguments: JDBC URL, bootstrap servers, {@code single} or {@code batch}.
 */
final class DepositMain {

  static final String GROUP = "deposits";

  static final String TABLES =
      "CREATE TABLE balance (account TEXT PRIMARY KEY, minor_units BIGINT NOT NULL);"
          + " CREATE TABLE redelivery (number INT NOT NULL)";

  /** What is done in one transaction; returns the number of events handled before. */
  private interface Work {
    int on(Connection connection) throws Exception;
  }

  private static final ThreadLocal<@Nullable Connection> CONNECTION = new ThreadLocal<>();

  private final DataSource source;
  private final Inbox inbox = Inbox.of(GROUP);

  private DepositMain(DataSource source) {
    this.source = source;
  }

  public static void main(String[] args) {
    ChildProcess.endWithParent();
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(args[0]);
    DepositMain main = new DepositMain(source);
    SubscriberBuilder<PaymentEvent> builder =
        HermesSubscriber.builder(PaymentEvent.class)
            .settings(
                KafkaSettings.builder()
                    .bootstrapServers(args[1])
                    .openTimeout(Duration.ofMinutes(1)) // nobody starts it again
                    .property("auto.commit.interval.ms", 500)
                    .property("session.timeout.ms", 2_000)
                    .property("heartbeat.interval.ms", 500)
                    .build())
            .group(GROUP)
            .concurrency(4)
            .onError(
                ErrorPolicy.retryForever().backoff(Duration.ofMillis(20), Duration.ofSeconds(1)));
    HermesSubscriber subscriber =
        args[2].equals("batch")
            ? builder.onBatch(PaymentEvent.class, 20, main::handleAll).start()
            : builder.start(main::handle);
    subscriber.runUntilShutdown();
  }

  private void handle(Delivery<PaymentEvent> delivery) throws Exception {
    transact(
        connection ->
            inbox.once(delivery, connection, () -> deposit(connection, delivery)) ? 0 : 1);
  }

  private void handleAll(List<Delivery<PaymentEvent>> deliveries) throws Exception {
    transact(
        connection ->
            deliveries.size()
                - inbox.once(
                    deliveries,
                    connection,
                    fresh -> {
                      for (Delivery<PaymentEvent> delivery : fresh) {
                        deposit(connection, delivery);
                      }
                    }));
  }

  private static void deposit(Connection connection, Delivery<PaymentEvent> delivery)
      throws SQLException {
    int changed =
        OutboxTable.update(
            connection,
            "UPDATE balance SET minor_units = minor_units + ? WHERE account = ?",
            delivery.event().getAmount().getMinorUnits(),
            delivery.event().getPaymentId());
    if (changed != 1 || ThreadLocalRandom.current().nextInt(100) == 0) {
      throw new IllegalStateException("now and then");
    }
  }

  private void transact(Work work) throws Exception {
    Connection connection = connection();
    try {
      int again = work.on(connection);
      if (again > 0) {
        int unused =
            OutboxTable.update(connection, "INSERT INTO redelivery (number) VALUES (?)", again);
      }
      connection.commit();
    } catch (Exception e) {
      connection.rollback();
      throw e;
    }
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextInt(20)));
  }

  private Connection connection() throws SQLException {
    Connection connection = CONNECTION.get();
    if (connection == null) {
      connection = source.getConnection();
      connection.setAutoCommit(false);
      CONNECTION.set(connection);
    }
    return connection;
  }
}
