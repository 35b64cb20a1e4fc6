package io.hermes.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.hermes.Topic;
import io.hermes.codec.ZstdOptions;
import io.hermes.events.v1.UserEvent;
import io.hermes.jdbc.Outbox;
import io.hermes.jdbc.OutboxRelay;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.EventEncoder;
import io.hermes.publish.RecordPublisher;
import io.hermes.testkit.KafkaCluster;
import io.hermes.testkit.LocalPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Measures the outbox and its relay with a PostgreSQL server, which it starts from Debian's
 * package, and one broker in its own JVM. Writers, relay and consumer share this JVM and a pool of
 * 16 connections.
 *
 * <p>Arguments, each as name=value: parts (latency,backlog,hot,bloat), rounds (of backlog: 3), rows
 * (of backlog: 200000), keys (of backlog: 200,20000), seconds (of latency: 60), rate (transactions
 * per second of latency and bloat: 200), minutes (of bloat: 3; 60 for the long form).
 *
 * <ul>
 *   <li>latency: from the call of {@code commit()} to the record's arrival at a consumer.
 *   <li>backlog: rows per second from the start of a relay to the last receipt, and to the last
 *       deletion; for comparison, the same records with {@code RecordPublisher.publishAll}.
 *   <li>hot: the same with one key.
 *   <li>bloat: the sizes of the table and its indexes, and dead rows, under constant load.
 * </ul>
 */
final class OutboxBenchmark {

  private static final int KEYS = 200;
  private static final int WARM_UP_SECONDS = 10;

  private final HikariDataSource source;
  private final KafkaCluster kafka;
  private final KafkaSettings settings;
  private final Map<String, String> options;

  private OutboxBenchmark(
      HikariDataSource source, KafkaCluster kafka, Map<String, String> options) {
    this.source = source;
    this.kafka = kafka;
    this.settings = KafkaSettings.of(kafka.bootstrapServers());
    this.options = options;
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> options = Contest.options(args);
    try (LocalPostgres postgres = LocalPostgres.start();
        HikariDataSource source = connect(postgres);
        KafkaCluster kafka = KafkaCluster.start()) {
      OutboxBenchmark benchmark = new OutboxBenchmark(source, kafka, options);
      String parts = options.getOrDefault("parts", "latency,backlog,hot,bloat");
      for (String part : parts.split(",", -1)) {
        benchmark.run(part);
      }
    }
  }

  private static HikariDataSource connect(LocalPostgres postgres) {
    HikariConfig pool = new HikariConfig();
    pool.setMaximumPoolSize(16);
    pool.setJdbcUrl(postgres.url());
    return new HikariDataSource(pool);
  }

  private void run(String part) throws Exception {
    switch (part) {
      case "latency" -> latency();
      case "backlog" -> {
        for (String keys : options.getOrDefault("keys", "200,20000").split(",", -1)) {
          backlog(Integer.parseInt(keys), number("rows", 200_000), number("rounds", 3));
        }
      }
      case "hot" -> backlog(1, number("rows", 200_000) / 20, 1);
      case "bloat" -> bloat();
      default -> throw new IllegalArgumentException("There is no part " + part);
    }
  }

  private int number(String option, int otherwise) {
    String value = options.get(option);
    return value == null ? otherwise : Integer.parseInt(value);
  }

  /** Creates a new topic and new tables. */
  private Topic<UserEvent> prepare() throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS hermes_outbox, hermes_outbox_shard");
      Outbox.createTables(connection);
    }
    return Topic.builder(UserEvent.class, kafka.uniqueTopic("outbox", 6))
        .keyField("user_id")
        .typeField("event_type")
        .build();
  }

  private OutboxRelay relay() {
    return OutboxRelay.builder(source).settings(settings).start();
  }

  private void latency() throws Exception {
    Topic<UserEvent> topic = prepare();
    int rate = number("rate", 200);
    int warmUp = WARM_UP_SECONDS * rate;
    int transactions = warmUp + number("seconds", 60) * rate;
    AtomicLongArray commitNs = new AtomicLongArray(transactions);
    AtomicLongArray arrivalNs = new AtomicLongArray(transactions);
    Thread consumer = new Thread(() -> consume(topic.name(), arrivalNs), "consumer");
    consumer.start();
    double perSecond;
    try (OutboxRelay relay = relay()) {
      perSecond =
          new OutboxLoad(source, topic)
              .run(transactions, rate, KEYS, i -> commitNs.set(i, System.nanoTime()));
      consumer.join();
      print("relay: %s%n", relay.health().counts());
    }
    double[] ms = new double[transactions - warmUp];
    for (int i = warmUp; i < transactions; i++) {
      ms[i - warmUp] = (arrivalNs.get(i) - commitNs.get(i)) / 1e6;
    }
    Arrays.sort(ms);
    print(
        "latency at %.0f transactions/s: p50 %.1f ms, p99 %.1f ms, max %.1f ms of %,d%n",
        perSecond, ms[ms.length / 2], ms[ms.length * 99 / 100], ms[ms.length - 1], ms.length);
  }

  /** Records when each event first arrives, until all have. */
  private void consume(String topic, AtomicLongArray arrivalNs) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      for (int left = arrivalNs.length(); left > 0; ) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          long nowNs = System.nanoTime();
          int number = Integer.parseInt(UserEvent.parseFrom(record.value()).getEventId());
          left -= arrivalNs.compareAndSet(number, 0, nowNs) ? 1 : 0;
        }
      }
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private void backlog(int keys, int rows, int rounds) throws Exception {
    List<Double> relayed = new ArrayList<>();
    List<Double> deleted = new ArrayList<>();
    List<Double> published = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      Topic<UserEvent> topic = prepare();
      OutboxLoad load = new OutboxLoad(source, topic);
      List<UserEvent> events = load.events(rows, keys);
      load.add(events);
      published.add(publish(events));
      long startNs = System.nanoTime();
      try (OutboxRelay relay = relay()) {
        while (relay.health().counts().published() < rows) {
          LockSupport.parkNanos(1_000_000);
        }
        relayed.add(perSecond(rows, startNs));
        while (query("SELECT COUNT(*) FROM hermes_outbox")[0] > 0) {
          LockSupport.parkNanos(1_000_000);
        }
        deleted.add(perSecond(rows, startNs));
      }
    }
    print("backlog of %,d rows, keys: %,d, rows/s in each of %d rounds%n", rows, keys, rounds);
    print("  relay, to the last receipt   %s%n", spread(relayed));
    print("  relay, to the last deletion  %s%n", spread(deleted));
    print("  RecordPublisher.publishAll   %s%n", spread(published));
  }

  private double publish(List<UserEvent> events) throws Exception {
    Topic<UserEvent> topic =
        Topic.builder(UserEvent.class, kafka.uniqueTopic("bulk", 6))
            .keyField("user_id")
            .typeField("event_type")
            .build();
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(events.size());
    try (EventEncoder encoder = new EventEncoder(ZstdOptions.defaults()).with(topic)) {
      events.forEach(event -> records.add(encoder.encode(event, List.of(), null)));
    }
    try (RecordPublisher publisher = RecordPublisher.open(settings, Duration.ofMinutes(2))) {
      long startNs = System.nanoTime();
      if (!publisher.publishAll(records.iterator()).get().isComplete()) {
        throw new IllegalStateException("Not all records were acknowledged.");
      }
      return perSecond(events.size(), startNs);
    }
  }

  private static double perSecond(int rows, long startNs) {
    return rows * 1e9 / (System.nanoTime() - startNs);
  }

  private void bloat() throws Exception {
    Topic<UserEvent> topic = prepare();
    int rate = number("rate", 200);
    int minutes = number("minutes", 3);
    Thread writers =
        new Thread(
            () -> {
              try {
                double unused =
                    new OutboxLoad(source, topic)
                        .run((int) TimeUnit.MINUTES.toSeconds(minutes) * rate, rate, KEYS, i -> {});
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    try (OutboxRelay relay = relay()) {
      writers.start();
      print("%d transactions/s%n  minute  table KiB  indexes KiB  rows  dead rows%n", rate);
      for (int half = 1; half <= 2 * minutes; half++) {
        Thread.sleep(30_000);
        long[] sizes =
            query(
                "SELECT pg_table_size('hermes_outbox') / 1024, pg_indexes_size('hermes_outbox') /"
                    + " 1024, (SELECT COUNT(*) FROM hermes_outbox), n_dead_tup FROM"
                    + " pg_stat_user_tables WHERE relname = 'hermes_outbox'");
        print(
            "  %6.1f  %,9d  %,11d  %,4d  %,9d%n",
            half / 2.0, sizes[0], sizes[1], sizes[2], sizes[3]);
      }
      writers.join();
      print("relay: %s%n", relay.health().counts());
    }
  }

  /** The columns of a query's only row. */
  private long[] query(String sql) throws SQLException {
    try (Connection connection = source.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet results = statement.executeQuery()) {
      results.next();
      long[] columns = new long[results.getMetaData().getColumnCount()];
      for (int i = 0; i < columns.length; i++) {
        columns[i] = results.getLong(i + 1);
      }
      return columns;
    }
  }

  private static String spread(List<Double> figures) {
    List<Double> sorted = figures.stream().sorted().toList();
    return String.format(
        Locale.ROOT,
        "%,.0f (%,.0f to %,.0f)",
        sorted.get(sorted.size() / 2),
        sorted.get(0),
        sorted.get(sorted.size() - 1));
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
