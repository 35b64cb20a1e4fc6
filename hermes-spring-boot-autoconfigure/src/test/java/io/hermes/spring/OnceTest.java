package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.jdbc.Inbox;
import io.hermes.publish.HermesPublisher;
import io.hermes.subscribe.BatchFailure;
import io.hermes.subscribe.BatchHandler;
import io.hermes.subscribe.Delivery;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** A listener with {@code once = true} has one effect in the database for each event. */
@KafkaTest
@Timeout(180)
class OnceTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  record Publishing(HermesPublisher<UserEvent> publisher) {}

  /** Two listeners that write, and publish from within their transaction. */
  static class Service {

    private final JdbcClient database;
    private final TransactionalOutbox outbox;

    Service(JdbcClient database, TransactionalOutbox outbox) {
      this.database = database;
      this.outbox = outbox;
      database.sql("CREATE TABLE effect (name VARCHAR(100))").update();
    }

    @HermesListener(group = "single", once = true)
    void handle(UserEvent event) {
      write("single " + event.getUserId());
      if (event.getUserId().equals("first")) {
        outbox.publish(Databases.event("consequence"));
      }
    }

    @HermesListener(group = "batch", once = true)
    void handle(List<Delivery<UserEvent>> batch) {
      batch.forEach(delivery -> write("batch " + delivery.event().getUserId()));
    }

    private void write(String name) {
      database.sql("INSERT INTO effect VALUES (?)").param(name).update();
    }

    List<String> written() {
      return database.sql("SELECT name FROM effect").query(String.class).list();
    }
  }

  @Test
  void aRedeliveredEventHasOneEffect(Kafka kafka) {
    Databases.with(Services.on(kafka))
        .withBean(Service.class)
        .withBean(Publishing.class)
        .run(
            context -> {
              var publisher = context.getBean(Publishing.class).publisher();
              for (String id : new String[] {"id-1", "id-1", "id-2"}) {
                publisher.publishAndWait(Databases.event("first", id), LONG);
              }
              publisher.publishAndWait(Databases.event("last"), LONG);
              Service service = context.getBean(Service.class);
              List<String> expected =
                  List.of(
                      "single first",
                      "single first",
                      "single last",
                      "single consequence",
                      "single consequence",
                      "batch first",
                      "batch first",
                      "batch last",
                      "batch consequence",
                      "batch consequence");
              Services.await("all effects", () -> service.written().size() >= expected.size());
              // Behind the one that came twice there may still be that: its lag is 0 at the end.
              Services.await("no lag", () -> lag(context.getBean(HermesSubscribers.class)) == 0);
              assertThat(service.written()).containsExactlyInAnyOrderElementsOf(expected);
            });
  }

  private static long lag(HermesSubscribers subscribers) {
    return Stream.of("single", "batch")
        .flatMap(group -> subscribers.subscriber(group).health().lag().values().stream())
        .mapToLong(Long::longValue)
        .sum();
  }

  @Test
  void whatIsOlderThanTheRetentionIsPurged(Kafka kafka) {
    String url = Databases.url();
    var service =
        Databases.with(Services.on(kafka))
            .withBean(Service.class)
            .withPropertyValues("spring.datasource.url=" + url, "hermes.inbox.retention=1d");
    JdbcClient database = JdbcClient.create(tables(url));
    for (int days : new int[] {0, 2}) {
      database
          .sql(
              "INSERT INTO hermes_inbox VALUES ('other', '"
                  + days
                  + "', CURRENT_TIMESTAMP - INTERVAL '"
                  + days
                  + "' DAY)")
          .update();
    }
    var ids = database.sql("SELECT event_id FROM hermes_inbox").query(String.class);
    service.run(
        context -> {
          assertThat(context).hasNotFailed();
          Services.await("purged", () -> ids.list().equals(List.of("0")));
        });
  }

  private static JdbcDataSource tables(String url) {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL(url);
    source.setUser("sa"); // as Spring Boot
    try (Connection connection = source.getConnection()) {
      Inbox.createTables(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return source;
  }

  /** A handler's effects on one table, without Kafka. */
  private static final class Bench {

    final JdbcDataSource source = tables(Databases.url());
    final JdbcClient database = JdbcClient.create(source);
    final InboxEffects effects =
        new InboxEffects("the listener", Inbox.of("g"), source, new JdbcTransactionManager(source));

    Bench() {
      database.sql("CREATE TABLE effect (name VARCHAR(100))").update();
    }

    void write(Delivery<UserEvent> delivery) {
      database.sql("INSERT INTO effect VALUES (?)").param(delivery.event().getUserId()).update();
    }

    List<String> written() {
      return database.sql("SELECT name FROM effect").query(String.class).list();
    }

    static Delivery<UserEvent> delivery(String user) {
      return Delivery.of(Topic.of(UserEvent.class), Databases.event(user, "id of " + user));
    }
  }

  @Test
  void aFailureRollsBackTheEffectAndTheMark() throws Exception {
    Bench bench = new Bench();
    assertThatThrownBy(
            () ->
                bench
                    .effects
                    .<UserEvent>single(
                        delivery -> {
                          bench.write(delivery);
                          throw new IOException("checked");
                        })
                    .handle(Bench.delivery("a")))
        .isInstanceOf(IOException.class);
    assertThat(bench.written()).isEmpty();
    for (int i = 0; i < 2; i++) {
      bench.effects.<UserEvent>single(bench::write).handle(Bench.delivery("a"));
    }
    assertThat(bench.written()).containsExactly("a");
  }

  @Test
  void aBatchFailureKeepsWhatIsBeforeItAndNamesItInTheWholeBatch() throws Exception {
    Bench bench = new Bench();
    bench.effects.<UserEvent>single(bench::write).handle(Bench.delivery("before"));
    BatchHandler<UserEvent> handler =
        bench.effects.batch(
            fresh -> {
              for (int i = 0; i < fresh.size(); i++) {
                bench.write(fresh.get(i));
                if (fresh.get(i).event().getUserId().equals("bad")) {
                  throw BatchFailure.at(i, new IOException("bad"));
                }
              }
            });
    List<Delivery<UserEvent>> batch =
        Stream.of("before", "a", "b", "bad", "c").map(Bench::delivery).toList();
    assertThatThrownBy(() -> handler.handle(batch))
        .isInstanceOfSatisfying(
            BatchFailure.class, failure -> assertThat(failure.index()).isEqualTo(3))
        .hasCauseInstanceOf(IOException.class);
    assertThat(bench.written()).containsExactly("before", "a", "b");
    handler.handle(List.of(batch.get(4), batch.get(1)));
    assertThat(bench.written()).containsExactly("before", "a", "b", "c");
  }

  @Test
  void aBatchFailureThatNamesNoEventOfTheBatchAcksNothing() {
    Bench bench = new Bench();
    BatchHandler<UserEvent> handler =
        bench.effects.batch(
            fresh -> {
              throw BatchFailure.at(1, new IOException("bad"));
            });
    assertThatThrownBy(() -> handler.handle(List.of(Bench.delivery("a"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("A BatchFailure names index 1 of 1 events.");
  }
}
