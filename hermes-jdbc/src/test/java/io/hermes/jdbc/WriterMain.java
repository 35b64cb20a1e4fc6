package io.hermes.jdbc;

import io.hermes.HermesException;
import io.hermes.events.v1.UserEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A service in a JVM of its own. Each transaction inserts a row of {@code change} for each event
 * that it publishes, before or after publishing, then waits a little, and commits or, one in ten,
 * rolls back. Most transactions have one event, some have two, of two keys or of one. A transaction
 * that fails before its commit is tried again with new event ids; whether a failed commit took
 * effect is in the table. At the end a row of {@code writer} has the counts.
 *
 * <p>Arguments: JDBC URL, name, transactions, transactions a second, file until which it goes on.
 */
final class WriterMain {

  static final String TABLES =
      "CREATE TABLE change (event_id TEXT PRIMARY KEY, user_id TEXT NOT NULL);"
          + " CREATE TABLE writer (name TEXT PRIMARY KEY, committed INT, rolled_back INT, unknown"
          + " INT, failed INT)";

  private static final int KEYS = 200;
  private static final int HOT_KEYS = 5;
  private static final int THREADS = 8;

  private final DataSource source;
  private final String name;
  private final Path end;
  private final Outbox outbox = Outbox.create();
  private final AtomicInteger committed = new AtomicInteger();
  private final AtomicInteger rolledBack = new AtomicInteger();
  private final AtomicInteger unknown = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();

  private WriterMain(DataSource source, String name, Path end) {
    this.source = source;
    this.name = name;
    this.end = end;
  }

  public static void main(String[] args) throws Exception {
    ChildProcess.endWithParent();
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(args[0]);
    int transactions = Integer.parseInt(args[2]) / THREADS;
    long pauseNs = TimeUnit.SECONDS.toNanos(THREADS) / Integer.parseInt(args[3]);
    WriterMain writer = new WriterMain(source, args[1], Path.of(args[4]));
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      String thread = args[1] + "-" + i;
      threads.add(new Thread(() -> writer.run(thread, transactions, pauseNs), thread));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    writer.report();
  }

  private void run(String thread, int transactions, long pauseNs) {
    Random random = new Random();
    Connection connection = null;
    int attempt = 0;
    for (int done = 0; done < transactions || !Files.exists(end); ) {
      long startNs = System.nanoTime();
      try {
        connection = connection == null ? open() : connection;
        transact(connection, thread + "-" + done + "-" + attempt++, random);
        done++;
        LockSupport.parkNanos(pauseNs - (System.nanoTime() - startNs));
      } catch (SQLException | HermesException e) {
        failed.incrementAndGet();
        connection = isUsable(connection) ? connection : null;
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      }
    }
  }

  private Connection open() throws SQLException {
    Connection connection = source.getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  /** After a deadlock, for example. */
  private static boolean isUsable(@Nullable Connection connection) {
    try {
      if (connection != null) {
        connection.rollback();
      }
      return connection != null;
    } catch (SQLException e) {
      return false;
    }
  }

  /** Ends committed, rolled back on purpose, or perhaps committed; otherwise it throws. */
  private void transact(Connection connection, String id, Random random) throws SQLException {
    boolean rollBack = random.nextInt(10) == 0;
    List<UserEvent> events = events(id + (rollBack ? "-rollback" : ""), random);
    boolean publishFirst = random.nextBoolean();
    if (publishFirst) {
      publish(connection, events, random);
      pause(random);
    }
    insert(connection, events);
    if (!publishFirst) {
      pause(random);
      publish(connection, events, random);
    }
    pause(random);
    if (rollBack) {
      connection.rollback();
      rolledBack.incrementAndGet();
      return;
    }
    try {
      connection.commit();
      committed.incrementAndGet();
    } catch (SQLException e) {
      unknown.incrementAndGet();
    }
  }

  private static List<UserEvent> events(String id, Random random) {
    List<UserEvent> events = new ArrayList<>();
    String user = user(random);
    events.add(event(user, id + "-0"));
    int more = random.nextInt(20);
    if (more < 3) {
      events.add(event(more == 0 ? user : user(random), id + "-1"));
    }
    return events;
  }

  /** A few keys have a fifth of the transactions, which therefore often overlap. */
  private static String user(Random random) {
    return "user-" + random.nextInt(random.nextInt(5) == 0 ? HOT_KEYS : KEYS);
  }

  private static UserEvent event(String user, String id) {
    return UserEvent.newBuilder()
        .setEventId(id)
        .setUserId(user)
        .setEventType(UserEvent.EventType.USER_LOGIN)
        .build();
  }

  /** In one call, or in several, of which two transactions may deadlock. */
  private void publish(Connection connection, List<UserEvent> events, Random random) {
    if (random.nextInt(4) > 0) {
      outbox.publishAll(connection, events);
    } else {
      events.forEach(event -> outbox.publish(connection, event));
    }
  }

  private static void insert(Connection connection, List<UserEvent> events) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO change (event_id, user_id) VALUES (?, ?)")) {
      for (UserEvent event : events) {
        statement.setString(1, event.getEventId());
        statement.setString(2, event.getUserId());
        statement.executeUpdate();
      }
    }
  }

  private static void pause(Random random) {
    int ms = random.nextInt(random.nextInt(50) == 0 ? 200 : 10);
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ms));
  }

  private void report() throws SQLException {
    try (Connection connection = source.getConnection()) {
      int unused =
          OutboxTable.update(
              connection,
              "INSERT INTO writer VALUES (?, ?, ?, ?, ?)",
              name,
              committed.get(),
              rolledBack.get(),
              unknown.get(),
              failed.get());
    }
  }
}
