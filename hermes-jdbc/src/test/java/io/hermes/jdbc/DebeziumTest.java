package io.hermes.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.Encoding;
import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.testkit.Kafka;
import io.hermes.testkit.KafkaTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka Connect with Debezium, configured as docs/outbox.md says, publishes the same records. */
@KafkaTest
@Tag("full")
@Timeout(180)
class DebeziumTest {

  private static final Path LOG = Path.of("target", "connect.log").toAbsolutePath();
  private static final String STARTED = "Kafka Connect started";

  private final Kafka kafka;
  private final Path folder;
  private final Topic<UserEvent> topic;
  private final PostgresServer server = PostgresServer.start();
  private final DataSource source = server.dataSource();

  DebeziumTest(Kafka kafka, @TempDir Path folder) {
    this.kafka = kafka;
    this.folder = folder;
    this.topic = Users.topic(kafka, 4);
  }

  @BeforeEach
  void create() throws Exception {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      Outbox.createTables(connection);
      statement.execute(OutboxGuide.snippet("sql"));
    }
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void publishesTheRecordsThatTheRelayPublishes() throws Exception {
    publishBeforeItStarts(source);
    ChildProcess connect = connect();
    try {
      await(connect, "Kafka Connect starts", () -> Files.readString(LOG).contains(STARTED));
      await(connect, "what was there is published", () -> ids().size() == 2);
      publishWhileItRuns(source);
      await(connect, "the last one", () -> ids().contains("last"));
    } finally {
      connect.kill();
    }

    Topic<UserEvent> relayed = relayed();
    Map<String, List<Seen>> expected = byKey(relayed);
    assertThat(expected.values().stream().mapToInt(List::size).sum()).isEqualTo(7);
    assertThat(byKey(topic)).isEqualTo(expected);
    assertThat(deliveries(topic)).isEqualTo(deliveries(relayed));
  }

  private List<String> ids() {
    return Users.read(kafka, topic).stream()
        .map(record -> record.isTombstone() ? "tombstone" : record.event().getEventId())
        .toList();
  }

  private static void await(ChildProcess connect, String what, Callable<Boolean> reached)
      throws Exception {
    Users.await(
        what,
        () -> {
          assertThat(connect.isAlive()).as("Kafka Connect runs: %s", LOG).isTrue();
          return reached.call();
        });
  }

  /** The oldest row is the last one in the file of the table. */
  private void publishBeforeItStarts(DataSource database) throws SQLException {
    Topic<UserEvent> to = database == source ? topic : topic.withName(topic.name() + "-relay");
    try (Connection connection = begin(database);
        Statement statement = connection.createStatement();
        Outbox outbox = Outbox.builder().topic(to).build()) {
      outbox.publish(connection, Users.event("ann", "1"));
      outbox.publish(connection, Users.event("ann", "2"));
      connection.commit();
      statement.executeUpdate("UPDATE hermes_outbox SET created_at = now() WHERE event_id = '1'");
      connection.commit();
    }
  }

  private static Connection begin(DataSource database) throws SQLException {
    Connection connection = database.getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  private void publishWhileItRuns(DataSource database) throws SQLException {
    String name = database == source ? topic.name() : topic.name() + "-relay";
    Topic<UserEvent> zstd =
        Topic.builder(UserEvent.class, name)
            .keyField("user_id")
            .typeField("event_type")
            .encoding(Encoding.ZSTD)
            .build();
    Topic<UserEvent> untyped = Topic.builder(UserEvent.class, name).keyField("user_id").build();
    try (Connection connection = begin(database);
        Statement statement = connection.createStatement();
        Outbox plain = Outbox.builder().topic(topic.withName(name)).build();
        Outbox compressed = Outbox.builder().topic(zstd).build();
        Outbox typeless = Outbox.builder().topic(untyped).build()) {
      plain.publish(connection, Users.event("ann", "rolled back"));
      connection.rollback();
      compressed.publish(connection, Users.event("bob", "x".repeat(20_000)));
      connection.commit();
      if (database == source) { // a relay deletes them itself
        statement.executeUpdate("DELETE FROM hermes_outbox");
        connection.commit();
      }
      plain.publishTombstone(connection, UserEvent.getDescriptor(), "ann");
      typeless.publish(connection, Users.event("carol", "3"));
      plain.publish(
          connection,
          Users.event("carol", "4"),
          List.of(new RecordHeader("traceparent", "lost".getBytes(UTF_8))));
      connection.commit();
      plain.publish(connection, Users.event("ann", "last"));
      connection.commit();
    }
  }

  /** The same events, by a relay from another database. */
  private Topic<UserEvent> relayed() throws Exception {
    Topic<UserEvent> relayed = topic.withName(topic.name() + "-relay");
    kafka.createTopic(relayed.name(), 4, Map.of());
    DataSource h2 = H2Test.source("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    publishBeforeItStarts(h2);
    publishWhileItRuns(h2);
    try (OutboxRelay relay =
        OutboxRelay.builder(h2).settings(KafkaSettings.of(kafka.bootstrapServers())).start()) {
      Users.await("relayed", () -> relay.health().counts().published() == 7);
    }
    return relayed;
  }

  private ChildProcess connect() throws IOException {
    Path worker = folder.resolve("worker.properties");
    Files.write(
        worker,
        List.of(
            "bootstrap.servers=" + kafka.bootstrapServers(),
            "key.converter=org.apache.kafka.connect.json.JsonConverter",
            "value.converter=org.apache.kafka.connect.json.JsonConverter",
            "offset.storage.file.filename=" + folder.resolve("offsets"),
            "plugin.discovery=service_load", // no scan of the whole class path
            "listeners=http://127.0.0.1:0"));
    URI database = URI.create(server.url().substring("jdbc:".length()));
    Path connector = folder.resolve("connector.properties");
    Files.write(
        connector,
        List.of(
            OutboxGuide.snippet("properties"),
            "name=outbox",
            "database.hostname=" + database.getHost(),
            "database.port=" + database.getPort(),
            "database.user=debezium",
            "database.password=not asked for",
            "database.dbname=postgres"));
    return ChildProcess.launch(ConnectMain.class, LOG, worker.toString(), connector.toString());
  }

  /** A record as any client sees it, but for the headers that the guide says differ. */
  private record Seen(int partition, String value, Map<String, String> headers) {

    static Seen of(ConsumerRecord<byte[], byte[]> record) {
      Map<String, String> headers = new TreeMap<>();
      for (Header header : record.headers()) {
        if (header.value() != null && !header.key().equals("id")) {
          headers.put(header.key(), new String(header.value(), UTF_8));
        }
      }
      headers.remove("traceparent");
      return new Seen(
          record.partition(),
          record.value() == null ? "tombstone" : HexFormat.of().formatHex(record.value()),
          headers);
    }
  }

  private Map<String, List<Seen>> byKey(Topic<UserEvent> from) {
    Map<String, List<Seen>> all = new TreeMap<>();
    Map<String, Object> settings =
        Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    var bytes = new ByteArrayDeserializer();
    try (var consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(from.name()).stream()
              .map(one -> new TopicPartition(from.name(), one.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long left = consumer.endOffsets(partitions).values().stream().mapToLong(end -> end).sum();
      while (left > 0) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          left--;
          String key = new String(record.key(), UTF_8);
          all.computeIfAbsent(key, unknown -> new ArrayList<>()).add(Seen.of(record));
        }
      }
    }
    return all;
  }

  /** The ids of the events that a handler gets, by key. */
  private Map<String, List<String>> deliveries(Topic<UserEvent> from) throws Exception {
    ConcurrentLinkedQueue<UserEvent> events = new ConcurrentLinkedQueue<>();
    HermesSubscriber subscriber =
        HermesSubscriber.builder(from)
            .settings(KafkaSettings.of(kafka.bootstrapServers()))
            .group(from.name())
            .start(delivery -> events.add(delivery.event()));
    try (subscriber) {
      Users.await("six events", () -> events.size() == 6);
    }
    Map<String, List<String>> ids = new TreeMap<>();
    for (UserEvent event : events) {
      ids.computeIfAbsent(event.getUserId(), unknown -> new ArrayList<>()).add(event.getEventId());
    }
    return ids;
  }
}
