package io.hermes.jdbc;

import io.hermes.jdbc.OutboxComparison.Event;
import io.hermes.jdbc.OutboxComparison.Published;
import io.hermes.jdbc.OutboxComparison.Takeover;
import io.hermes.testkit.Broker;
import io.hermes.testkit.KafkaCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Three writers and two relays, each in a JVM of its own, a database and a broker, and faults in a
 * random order, spread over the time that the writers take. A replication slot of PostgreSQL keeps
 * what they commit, in commit order.
 */
final class OutboxFaultRun implements AutoCloseable {

  private enum Fault {
    RELAY_KILLED(10),
    BROKER_KILLED(5),
    BROKER_PAUSED(5),
    DATABASE_RESTARTED(2);

    private final int times;

    Fault(int times) {
      this.times = times;
    }
  }

  private static final String TOPIC = "user.events"; // of UserEvent's contract
  private static final int WRITERS = 3;
  private static final String PENDING = "SELECT COUNT(*) FROM hermes_outbox";

  /** Notes what is in a shard whenever a relay takes it: a relay before may have published that. */
  private static final String TAKEOVERS =
      """
      CREATE TABLE takeover (at_ms BIGINT NOT NULL, undeleted TEXT[] NOT NULL);
      CREATE FUNCTION note_takeover() RETURNS trigger AS $$ BEGIN
        INSERT INTO takeover SELECT extract(epoch FROM clock_timestamp()) * 1000,
          COALESCE(array_agg(event_id), '{}') FROM hermes_outbox WHERE shard = NEW.shard;
        RETURN NULL; END $$ LANGUAGE plpgsql;
      CREATE TRIGGER note AFTER UPDATE ON hermes_outbox_shard FOR EACH ROW
        WHEN (NEW.epoch <> OLD.epoch) EXECUTE FUNCTION note_takeover();
      """;

  /** With so few rows to be published the relays keep up with the writers. */
  private static final int AT_WORK = 200;

  private static final String SLOT =
      "SELECT pg_create_logical_replication_slot('ref', 'test_decoding')";
  private static final String DECODED =
      "SELECT data FROM pg_logical_slot_get_changes('ref', NULL, NULL) WHERE data LIKE 'table"
          + " public.change: INSERT:%'";
  private static final Pattern INSERTED =
      Pattern.compile(".*event_id\\[text\\]:'([^']+)' user_id\\[text\\]:'([^']+)'");

  private final Path directory;
  private final Random random;
  private final PostgresServer database;
  private final KafkaCluster kafka;
  private final List<ChildProcess> writers = new ArrayList<>();
  private final List<ChildProcess> relays = new ArrayList<>();
  private final Deque<Fault> faults = new ArrayDeque<>();
  private int launched;

  OutboxFaultRun(Path directory, long seed) throws SQLException, IOException {
    this.directory = directory;
    this.random = new Random(seed);
    this.database = PostgresServer.start();
    this.kafka = KafkaCluster.start();
    kafka.createTopic(TOPIC, 6);
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      Outbox.createTables(connection);
      statement.execute(WriterMain.TABLES);
      statement.execute(TAKEOVERS);
      statement.execute(SLOT);
    }
    relays.add(launchRelay());
    relays.add(launchRelay());
  }

  private ChildProcess launchRelay() throws IOException {
    return ChildProcess.launch(
        RelayMain.class,
        directory.resolve("relay-" + launched++ + ".log"),
        database.url(),
        kafka.bootstrapServers());
  }

  /**
   * Runs writers through all faults, waits until the outbox is empty, and compares.
   *
   * @param transactions of each writer, or more if the faults take longer
   * @param perSecond so many transactions of each writer
   */
  OutboxComparison run(int transactions, int perSecond) throws Exception {
    Path end = directory.resolve("end");
    for (int i = 0; i < WRITERS; i++) {
      writers.add(
          ChildProcess.launch(
              WriterMain.class,
              directory.resolve("writer-" + i + ".log"),
              database.url(),
              "w" + i,
              Integer.toString(transactions),
              Integer.toString(perSecond),
              end.toString()));
    }
    injectAll(TimeUnit.SECONDS.toNanos(transactions / perSecond));
    Files.createFile(end);
    for (ChildProcess writer : writers) {
      writer.awaitEnd(Duration.ofMinutes(2));
    }
    awaitEmpty();
    for (ChildProcess relay : relays) {
      relay.terminate();
    }
    return new OutboxComparison(
        committed(), topic(), takeovers(), number("SELECT COUNT(*) FROM change"));
  }

  private void injectAll(long spreadNs) throws Exception {
    List<Fault> all = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      all.addAll(Collections.nCopies(fault.times, fault));
    }
    Collections.shuffle(all, random);
    faults.addAll(all);
    long startNs = System.nanoTime();
    while (!faults.isEmpty()) {
      long dueNs = startNs + spreadNs * (all.size() - faults.size() + 1) / (all.size() + 2);
      sleep(TimeUnit.NANOSECONDS.toMillis(Math.max(0, dueNs - System.nanoTime())));
      awaitAtWork();
      inject(faults.remove());
    }
  }

  /** A fault meets relays that have recovered from the last one, if that takes no five seconds. */
  private void awaitAtWork() throws Exception {
    long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    while (number(PENDING) > AT_WORK && System.nanoTime() - deadlineNs < 0) {
      sleep(20);
    }
  }

  private void inject(Fault fault) throws Exception {
    Broker broker = kafka.broker(1);
    switch (fault) {
      case RELAY_KILLED -> {
        int relay = random.nextInt(relays.size());
        relays.get(relay).kill();
        relays.set(relay, launchRelay());
      }
      case BROKER_KILLED -> {
        broker.kill();
        meanwhile();
        broker.start();
      }
      case BROKER_PAUSED -> {
        broker.pause();
        meanwhile();
        broker.resume();
      }
      case DATABASE_RESTARTED -> {
        database.stop();
        sleep(random.nextInt(500));
        database.restart();
      }
      default -> throw new IllegalStateException(fault.toString());
    }
  }

  /** While the broker is away. */
  private void meanwhile() throws Exception {
    sleep(random.nextInt(2_000));
    if (faults.peek() == Fault.RELAY_KILLED) {
      inject(faults.remove());
      sleep(random.nextInt(1_000));
    }
  }

  /** As long as rows are published: on a busy machine, a backlog takes its time. */
  private void awaitEmpty() throws Exception {
    long fewest = Long.MAX_VALUE;
    long deadlineNs = 0;
    for (long rows = number(PENDING); rows > 0; rows = number(PENDING)) {
      if (rows < fewest) {
        fewest = rows;
        deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
      } else if (System.nanoTime() - deadlineNs > 0) {
        StringBuilder said = new StringBuilder();
        for (ChildProcess relay : relays) {
          said.append('\n').append(relay.describe());
        }
        throw new AssertionError(
            "For a minute, none of the last " + rows + " rows of the outbox went out" + said);
      }
      sleep(50);
    }
  }

  /** What is committed, in PostgreSQL's commit order. */
  private List<Event> committed() throws SQLException {
    List<Event> events = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement(DECODED);
        ResultSet results = statement.executeQuery()) {
      while (results.next()) {
        Matcher inserted = INSERTED.matcher(results.getString(1));
        if (!inserted.matches()) {
          throw new AssertionError(results.getString(1));
        }
        events.add(new Event(inserted.group(2), inserted.group(1)));
      }
    }
    return events;
  }

  private List<Takeover> takeovers() throws SQLException {
    List<Takeover> takeovers = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT at_ms, undeleted FROM takeover");
        ResultSet results = statement.executeQuery()) {
      while (results.next()) {
        String[] undeleted = (String[]) results.getArray(2).getArray();
        takeovers.add(new Takeover(results.getLong(1), Set.of(undeleted)));
      }
    }
    return takeovers;
  }

  /** How many transactions of all writers ended in a way, a column of {@code writer}. */
  long ended(String how) throws SQLException {
    return number("SELECT SUM(" + how + ") FROM writer");
  }

  private long number(String query) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement(query);
        ResultSet results = statement.executeQuery()) {
      results.next(); // an aggregate has one row
      return results.getLong(1);
    }
  }

  private List<Published> topic() {
    return CommittedRecords.read(kafka, TOPIC).stream().map(Published::of).toList();
  }

  private static void sleep(long ms) throws InterruptedException {
    Thread.sleep(ms);
  }

  @Override
  public void close() {
    writers.forEach(ChildProcess::kill);
    relays.forEach(ChildProcess::kill);
    kafka.close();
    database.close();
  }
}
