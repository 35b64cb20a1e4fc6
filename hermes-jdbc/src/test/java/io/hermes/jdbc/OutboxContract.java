package io.hermes.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hermes.ContractException;
import io.hermes.Encoding;
import io.hermes.EventHeaders;
import io.hermes.EventRecord;
import io.hermes.Fault;
import io.hermes.HermesException;
import io.hermes.PublishRejectedException;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an outbox does on every database. */
@KafkaTest
@Timeout(120)
abstract class OutboxContract {

  private final DataSource source;
  private final Kafka kafka;
  private final Topic<UserEvent> topic;
  private final Outbox outbox;

  OutboxContract(DataSource source, Kafka kafka) {
    this.source = source;
    this.kafka = kafka;
    this.topic = Users.topic(kafka, 2);
    this.outbox = Outbox.builder().topic(topic).build();
  }

  @BeforeEach
  void empty() throws SQLException {
    try (Connection connection = source.getConnection();
        var statement = connection.createStatement()) {
      statement.executeUpdate("DELETE FROM hermes_outbox");
      statement.executeUpdate("UPDATE hermes_outbox_shard SET owner = NULL, expires_at = NULL");
    }
  }

  private OutboxRelay relay() {
    return relay(KafkaSettings.of(kafka.bootstrapServers()));
  }

  private OutboxRelay relay(KafkaSettings settings) {
    return OutboxRelay.builder(source)
        .settings(settings)
        .pollInterval(Duration.ofMillis(50))
        .lease(Duration.ofMinutes(5)) // no relay gets a shard before another one gives it up
        .start();
  }

  private Connection begin() throws SQLException {
    Connection connection = source.getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  private void publish(UserEvent... events) throws SQLException {
    try (Connection connection = begin()) {
      outbox.publishAll(connection, List.of(events));
      connection.commit();
    }
  }

  private long rows() throws SQLException {
    try (Connection connection = source.getConnection()) {
      return Users.count(connection, "hermes_outbox");
    }
  }

  private void relayAll(OutboxRelay relay) throws Exception {
    try (relay) {
      awaitEmpty();
    }
  }

  private void awaitEmpty() throws Exception {
    Users.await("the outbox is empty", () -> rows() == 0);
  }

  @Test
  void anEventIsPublishedIfAndOnlyIfItsTransactionCommits() throws Exception {
    try (OutboxRelay relay = relay()) {
      try (Connection connection = begin()) {
        outbox.publish(connection, Users.event("ann", "rolled back"));
        connection.rollback();
      }
      publish(Users.event("ann", "committed"));
      awaitEmpty();
      assertThat(relay.health().counts().published()).isEqualTo(1);
    }
    assertThat(Users.ids(kafka, topic)).containsExactly("committed");
  }

  @Test
  void theRecordIsTheOneThatAPublisherWrites() throws Exception {
    UserEvent event = Users.event("ann", "1");
    try (Connection connection = begin()) {
      outbox.publish(
          connection,
          event,
          List.of(
              new RecordHeader("trace", new byte[] {0, (byte) 0xff}),
              new RecordHeader("empty", null),
              new RecordHeader("trace", "second".getBytes(UTF_8))));
      connection.commit();
    }
    relayAll(relay());

    EventRecord<UserEvent> record = Users.read(kafka, topic).get(0);
    assertThat(record.event()).isEqualTo(event);
    assertThat(record.key()).isEqualTo("ann");
    assertThat(record.headers())
        .containsExactly(
            new RecordHeader("trace", new byte[] {0, (byte) 0xff}),
            new RecordHeader("empty", null),
            new RecordHeader("trace", "second".getBytes(UTF_8)),
            new RecordHeader(EventHeaders.EVENT_TYPE, "USER_LOGIN".getBytes(UTF_8)),
            new RecordHeader(
                EventHeaders.MESSAGE_TYPE, "hermes.events.v1.UserEvent".getBytes(UTF_8)));
  }

  @Test
  void aCompressedValueStaysOne() throws Exception {
    Topic<UserEvent> compressed =
        Topic.builder(UserEvent.class, topic.name())
            .keyField("user_id")
            .encoding(Encoding.ZSTD)
            .build();
    UserEvent event = Users.event("ann", "x".repeat(20_000));
    try (Outbox zstd = Outbox.builder().topic(compressed).build();
        Connection connection = begin()) {
      zstd.publish(connection, event);
      connection.commit();
    }
    relayAll(relay());

    EventRecord<UserEvent> record = Users.read(kafka, topic).get(0);
    assertThat(EventHeaders.text(record.headers(), EventHeaders.CONTENT_ENCODING))
        .isEqualTo("zstd");
    assertThat(record.event()).isEqualTo(event);
  }

  @Test
  void aTombstoneIsPublished() throws Exception {
    try (Connection connection = begin()) {
      outbox.publishTombstone(connection, UserEvent.getDescriptor(), "ann");
      connection.commit();
    }
    relayAll(relay());
    assertThat(Users.read(kafka, topic))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.isTombstone()).isTrue();
              assertThat(record.key()).isEqualTo("ann");
            });
  }

  @Test
  void whatAPublisherRejectsIsThrownAtOnce() throws Exception {
    try (Connection connection = begin()) {
      assertThatThrownBy(() -> outbox.publish(connection, Users.event("", "1")))
          .isInstanceOf(PublishRejectedException.class)
          .hasMessageContaining("empty user_id");
      assertThatThrownBy(() -> outbox.publish(connection, Users.event("ann", "")))
          .isInstanceOf(ContractException.class)
          .hasMessageContaining("empty event_id");
      assertThatThrownBy(() -> outbox.publish(connection, Users.event("ann", "x".repeat(17 << 20))))
          .isInstanceOf(PublishRejectedException.class)
          .hasMessageContaining("but readers accept 16777216");
      connection.commit();
    }
    assertThat(rows()).isZero();
  }

  @Test
  void aConnectionThatCommitsByItselfIsRefused() throws Exception {
    try (Connection connection = source.getConnection()) {
      assertThatThrownBy(() -> outbox.publish(connection, Users.event("ann")))
          .isInstanceOf(HermesException.class)
          .hasMessageContaining("Call setAutoCommit(false)");
    }
    assertThat(rows()).isZero();
  }

  /** The first transaction publishes first, and so the second one commits after it. */
  @Test
  void transactionsWithTheSameKeyPublishInTheOrderInWhichTheyCommit() throws Exception {
    try (Connection first = begin();
        Connection second = begin()) {
      outbox.publish(first, Users.event("ann", "first"));
      CompletableFuture<Void> waiting =
          CompletableFuture.runAsync(
              () -> {
                outbox.publish(second, Users.event("ann", "second"));
                commit(second);
              });
      assertThatThrownBy(() -> waiting.get(500, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      outbox.publish(first, Users.event("ann", "first again"));
      first.commit();
      waiting.get(30, TimeUnit.SECONDS);
    }
    relayAll(relay());
    assertThat(Users.ids(kafka, topic)).containsExactly("first", "first again", "second");
  }

  @Test
  void publishReturnsTheShardsOfItsRows() throws Exception {
    try (Connection connection = begin()) {
      Set<Integer> shards =
          outbox.publishAll(
              connection, List.of(Users.event("ann"), Users.event("bob"), Users.event("carol")));
      Set<Integer> written = new TreeSet<>();
      try (var statement = connection.createStatement();
          var rows = statement.executeQuery("SELECT shard FROM hermes_outbox")) {
        while (rows.next()) {
          written.add(rows.getInt(1));
        }
      }
      assertThat(shards).isEqualTo(written);
    }
  }

  private static void commit(Connection connection) {
    try {
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void transactionsWithOtherKeysDoNotWait() throws Exception {
    try (Connection first = begin();
        Connection second = begin()) {
      outbox.publish(first, Users.event("ann", "first"));
      outbox.publish(second, Users.event("bob", "second"));
      second.commit();
      OutboxRelay relay = relay();
      Users.await("the second one", () -> Users.ids(kafka, topic).contains("second"));
      first.commit();
      relayAll(relay);
    }
    assertThat(Users.ids(kafka, topic)).containsExactlyInAnyOrder("first", "second");
  }

  /** Each takes its locks in the same order, whatever the order of the events is. */
  @Test
  void transactionsThatPublishTheSameKeysInOneCallNeverBlockEachOther() throws Exception {
    List<UserEvent> events =
        IntStream.range(0, 20).mapToObj(i -> Users.event("user-" + i)).toList();
    List<UserEvent> reversed = new ArrayList<>(events);
    Collections.reverse(reversed);
    CompletableFuture<Void> other = CompletableFuture.runAsync(() -> publishOften(reversed));
    publishOften(events);
    other.get(60, TimeUnit.SECONDS);
    assertThat(rows()).isEqualTo(20 * 20 * 2);
  }

  private void publishOften(List<UserEvent> events) {
    for (int i = 0; i < 20; i++) {
      try {
        publish(events.toArray(UserEvent[]::new));
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Larger than the producer accepts: certainly rejected, and again each time. */
  @Test
  void whatKafkaRejectsIsParkedAndHoldsItsKeyUntilItIsDroppedOrRetried() throws Exception {
    KafkaSettings small =
        KafkaSettings.of(kafka.bootstrapServers()).toBuilder()
            .property("max.request.size", 50_000)
            .build();
    publish(Users.event("ann", "1"));
    publish(Users.event("ann", "2" + "x".repeat(60_000)), Users.event("bob", "4"));
    publish(Users.event("ann", "3"));
    try (OutboxRelay relay = relay(small)) {
      Users.await("one is parked", () -> relay.health().parked() == 1);
      Users.await("bob's is published", () -> Users.ids(kafka, topic).size() == 2);
      assertThat(rows()).isEqualTo(2);
      assertThat(relay.health().faults()).extracting(Fault::kind).contains(Fault.Kind.PARKED);
      try (Connection connection = source.getConnection()) {
        ParkedEvents.ParkedEvent parked = ParkedEvents.list(connection, 10).get(0);
        assertThat(parked.key()).hasValue("ann");
        assertThat(parked.topic()).isEqualTo(topic.name());
        assertThat(parked.reason()).contains("max.request.size");
        assertThat(ParkedEvents.retry(connection, parked.id())).isTrue();
        Users.await("parked again", () -> ParkedEvents.list(connection, 10).size() == 1);
        assertThat(ParkedEvents.drop(connection, parked.id())).isTrue();
        assertThat(ParkedEvents.drop(connection, parked.id())).isFalse();
      }
      awaitEmpty();
    }
    assertThat(Users.ids(kafka, topic)).containsExactlyInAnyOrder("1", "4", "3");
  }

  @Test
  void aMissingTopicHoldsUpOnlyItself() throws Exception {
    Topic<UserEvent> missing = topic.withName(topic.name() + "-missing");
    try (Outbox other = Outbox.builder().topic(missing).build();
        Connection connection = begin()) {
      other.publish(connection, Users.event("ann", "later"));
      connection.commit();
    }
    publish(Users.event("ann", "now"));
    OutboxRelay relay = relay();
    Users.await("the other topic goes on", () -> Users.ids(kafka, topic).contains("now"));
    kafka.createTopic(missing.name(), 1, Map.of());
    relayAll(relay);
    assertThat(Users.ids(kafka, missing)).containsExactly("later");
  }

  @Test
  void anotherRelayTakesOverAtOnceWhenOneIsClosed() throws Exception {
    OutboxRelay first = relay();
    Users.await("it has all shards", () -> first.health().shards().size() == 8);
    try (OutboxRelay second = relay()) {
      publish(Users.event("ann", "1"));
      relayAll(first);
      assertThat(second.health().counts().published()).isZero();
      publish(Users.event("ann", "2"));
      awaitEmpty();
      assertThat(second.health().counts().published()).isEqualTo(1);
    }
    assertThat(Users.ids(kafka, topic)).containsExactly("1", "2");
  }

  /** As after a pause of the whole process: it publishes and parks nothing with the old lease. */
  @Test
  void anExpiredLeaseIsWorthNothing() throws Exception {
    OutboxTable table = new OutboxTable(source);
    Lease old = new Lease(table, 0, "old", Duration.ofSeconds(3));
    assertThat(old.ensure()).isTrue();
    OutboxTable.Claim claim = old.claim().orElseThrow();
    Lease young = new Lease(table, 0, "young", Duration.ofSeconds(30));
    assertThat(young.ensure()).isFalse();
    Users.await("it expires", young::ensure);
    assertThat(old.isValid()).isFalse();
    publish(Users.event("ann"));
    long id =
        table
            .next(
                KeyHash.shard(KeyHash.of(topic.name(), "ann".getBytes(UTF_8))),
                List.of(),
                true,
                1,
                1)
            .get(0)
            .id();
    assertThat(table.park(claim, id, "too late")).isFalse();
    assertThat(table.park(young.claim().orElseThrow(), id, "in time")).isTrue();
    assertThat(old.ensure()).isFalse();
  }

  @Test
  void aTopicPrefixIsTheRelays() throws Exception {
    String name = topic.name();
    String prefix = name.substring(0, 5);
    Topic<UserEvent> unprefixed = topic.withName(name.substring(5));
    try (Outbox other = Outbox.builder().topic(unprefixed).build();
        Connection connection = begin()) {
      other.publish(connection, Users.event("ann", "1"));
      connection.commit();
    }
    KafkaSettings settings =
        KafkaSettings.of(kafka.bootstrapServers()).toBuilder().topicPrefix(prefix).build();
    relayAll(relay(settings));
    assertThat(Users.ids(kafka, topic)).containsExactly("1");
  }
}
