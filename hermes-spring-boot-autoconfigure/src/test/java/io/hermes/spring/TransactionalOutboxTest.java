package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.hermes.HermesException;
import io.hermes.PublishRejectedException;
import io.hermes.events.v1.UserEvent;
import io.hermes.jdbc.Outbox;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import javax.sql.DataSource;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** An event is published if and only if the transaction of its caller commits. */
@KafkaTest
@Timeout(180)
class TransactionalOutboxTest {

  /** A service with a database and an outbox. */
  public static class Accounts {

    private final TransactionalOutbox outbox;
    private final JdbcClient database;
    private final ObjectProvider<Accounts> self;

    Accounts(TransactionalOutbox outbox, JdbcClient database, ObjectProvider<Accounts> self) {
      this.outbox = outbox;
      this.database = database;
      this.self = self;
      database.sql("CREATE TABLE IF NOT EXISTS account (name VARCHAR(100))").update();
    }

    @Transactional
    public void open(String user) {
      openWithoutTransaction(user);
    }

    @Transactional
    public void openAndFail(String user) {
      openWithoutTransaction(user);
      throw new IllegalStateException("rolled back");
    }

    @Transactional
    public void openOneInsideAnother(String user) {
      openWithoutTransaction(user);
      self.getObject().openInItsOwn(user + "-own");
      throw new IllegalStateException("rolled back");
    }

    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public void openInItsOwn(String user) {
      openWithoutTransaction(user);
    }

    @Transactional(readOnly = true)
    public void openReadOnly(String user) {
      outbox.publish(Databases.event(user));
    }

    @Transactional
    public void openThen(String user, Runnable then) {
      outbox.publish(Databases.event(user));
      then.run();
    }

    @Transactional
    public void openAll(List<UserEvent> events) {
      outbox.publishAll(events);
      outbox.publishTombstone(UserEvent.getDescriptor(), "gone");
      outbox.publish(
          Databases.event("with-header"),
          List.of(new RecordHeader("h", "v".getBytes(StandardCharsets.UTF_8))));
    }

    public void openWithoutTransaction(String user) {
      database.sql("INSERT INTO account VALUES (?)").param(user).update();
      outbox.publish(Databases.event(user));
    }

    List<String> names() {
      return database.sql("SELECT name FROM account").query(String.class).list();
    }

    long rows() {
      return database.sql("SELECT COUNT(*) FROM hermes_outbox").query(Long.class).single();
    }
  }

  /** Runs a service whose relay looks only when it is woken. */
  private static void run(Kafka kafka, BiConsumer<Accounts, String> test) {
    String prefix = UUID.randomUUID() + ".";
    service(kafka, prefix).run(context -> test.accept(context.getBean(Accounts.class), prefix));
  }

  private static ApplicationContextRunner service(Kafka kafka, String prefix) {
    return Databases.with(Services.on(kafka, prefix))
        .withBean(Accounts.class)
        .withPropertyValues("hermes.outbox.relay.poll-interval=1h");
  }

  @Test
  void anEventIsPublishedOnlyIfItsTransactionCommits(Kafka kafka) {
    run(
        kafka,
        (accounts, prefix) -> {
          assertThatThrownBy(() -> accounts.openAndFail("a")).hasMessage("rolled back");
          accounts.open("b");
          assertThatThrownBy(() -> accounts.openOneInsideAnother("c")).hasMessage("rolled back");
          accounts.open("d");

          Services.await("all are published", () -> accounts.rows() == 0);
          assertThat(accounts.names()).containsExactly("b", "c-own", "d");
          assertThat(Databases.users(kafka, prefix)).containsExactlyInAnyOrder("b", "c-own", "d");
        });
  }

  @Test
  void severalEventsHeadersAndTombstonesAreRowsOfOneTransaction(Kafka kafka) {
    run(
        kafka,
        (accounts, prefix) -> {
          accounts.openAll(List.of(Databases.event("one"), Databases.event("two")));
          Services.await("all are published", () -> accounts.rows() == 0);
          assertThat(Databases.users(kafka, prefix))
              .containsExactlyInAnyOrder("one", "two", "gone", "with-header");
        });
  }

  @Test
  void withoutATransactionOfTheDatabaseNothingIsPublished(Kafka kafka) {
    run(
        kafka,
        (accounts, prefix) -> {
          assertThatThrownBy(() -> accounts.openWithoutTransaction("a"))
              .isInstanceOf(HermesException.class)
              .hasMessage(
                  "The event is not published. There is no transaction. Annotate the method that"
                      + " calls it with @Transactional, and call that method from another bean.");
          assertThatThrownBy(() -> accounts.openReadOnly("b"))
              .isInstanceOf(HermesException.class)
              .hasMessageContaining("The transaction is read-only. Remove readOnly");
          assertThat(accounts.rows()).isZero();
        });
  }

  @Test
  void anEventThatCouldNeverBePublishedFailsItsTransaction(Kafka kafka) {
    run(
        kafka,
        (accounts, prefix) -> {
          assertThatThrownBy(() -> accounts.open("")) // no record key
              .isInstanceOf(PublishRejectedException.class);
          assertThat(accounts.names()).isEmpty();
        });
  }

  @Test
  void whatIsTooLargeForTheRelaysProducerFailsItsTransaction(Kafka kafka) {
    service(kafka, UUID.randomUUID() + ".")
        .withPropertyValues("spring.kafka.producer.properties.max.request.size=5000")
        .run(
            context -> {
              Accounts accounts = context.getBean(Accounts.class);
              assertThatThrownBy(
                      () -> accounts.openAll(List.of(Databases.event("x".repeat(6_000)))))
                  .isInstanceOf(PublishRejectedException.class)
                  .hasMessageContaining("but the outbox accepts 5000");
              assertThat(accounts.rows()).isZero();
            });
  }

  /** Two transactions with the same key run one after the other. */
  @Test
  void whatMaySucceedLaterIsRetryable(Kafka kafka) {
    run(
        kafka,
        (accounts, prefix) -> {
          CountDownLatch holds = new CountDownLatch(1);
          CountDownLatch ends = new CountDownLatch(1);
          CompletableFuture<Void> first =
              CompletableFuture.runAsync(
                  () ->
                      accounts.openThen(
                          "same",
                          () -> {
                            holds.countDown();
                            await(ends);
                          }));
          await(holds);
          HermesException refused =
              catchThrowableOfType(HermesException.class, () -> accounts.open("same"));
          ends.countDown();
          first.join();
          assertThat(refused).isNotNull();
          assertThat(refused.isRetryable()).isTrue();
        });
  }

  @Test
  void aCommitWakesTheShardsOfItsRowsOnceAndNoOthers() throws SQLException {
    DataSource source = new DriverManagerDataSource(Databases.url());
    JdbcClient database = JdbcClient.create(source);
    try (Connection connection = source.getConnection()) {
      Outbox.createTables(connection);
    }
    List<Integer> woken = new ArrayList<>();
    TransactionTemplate transaction =
        new TransactionTemplate(new DataSourceTransactionManager(source));
    try (Outbox outbox = Outbox.create()) {
      var publisher = new TransactionalOutbox(source, outbox, OutboxTrace.NONE, woken::add);
      transaction.executeWithoutResult(
          status -> {
            publisher.publish(Databases.event("ann"));
            publisher.publishAll(List.of(Databases.event("ann"), Databases.event("carol")));
            publisher.publishTombstone(UserEvent.getDescriptor(), "ann");
            assertThat(woken).isEmpty();
          });
      List<Integer> written =
          database.sql("SELECT DISTINCT shard FROM hermes_outbox").query(Integer.class).list();
      assertThat(written).hasSize(2);
      assertThat(woken).containsExactlyInAnyOrderElementsOf(written);

      woken.clear();
      transaction.executeWithoutResult(
          status -> {
            publisher.publish(Databases.event("ann"));
            status.setRollbackOnly();
          });
      assertThat(woken).isEmpty();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Records whether the pool is open when the relay has closed. */
  @Configuration(proxyBeanMethods = false)
  static class Watch {

    final List<Boolean> poolIsClosed = new CopyOnWriteArrayList<>();

    @Bean
    RelayMeters meters(HikariDataSource pool) {
      return health -> () -> poolIsClosed.add(pool.isClosed());
    }
  }

  @Test
  void theRelayStopsBeforeThePoolClosesAndCanStartAgain(Kafka kafka) {
    String prefix = UUID.randomUUID() + ".";
    CopyOnWriteArrayList<Boolean> seen = new CopyOnWriteArrayList<>();
    service(kafka, prefix)
        .withUserConfiguration(Watch.class)
        .run(
            context -> {
              ManagedRelay relay = context.getBean(ManagedRelay.class);
              Services.await("it has started", () -> relay.health().isPresent());
              relay.stop();
              assertThat(relay.isRunning()).isFalse();
              assertThat(relay.health()).isEmpty();
              Accounts accounts = context.getBean(Accounts.class);
              accounts.open("meanwhile");
              relay.start();
              Services.await("it has published", () -> accounts.rows() == 0);

              Watch watch = context.getBean(Watch.class);
              context.close();
              seen.addAll(watch.poolIsClosed);
            });
    assertThat(seen).containsExactly(false, false);
  }
}
