package io.hermes.benchmarks;

import io.hermes.Topic;
import io.hermes.events.v1.UserEvent;
import io.hermes.jdbc.Outbox;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import javax.sql.DataSource;

/** Writes events to an outbox: as a backlog, or at a steady rate. */
final class OutboxLoad {

  private static final int ROWS_OF_TRANSACTION = 500;
  private static final int WRITERS = 8;

  private final DataSource source;
  private final Topic<UserEvent> topic;
  private final List<UserEvent> samples = Workload.SMALL.events();

  OutboxLoad(DataSource source, Topic<UserEvent> topic) {
    this.source = source;
    this.topic = topic;
  }

  /** Events of about 280 bytes with random keys; their ids are consecutive numbers. */
  List<UserEvent> events(int count, int keys) {
    Random random = new Random(count);
    List<UserEvent> events = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      events.add(event(i, random.nextInt(keys)));
    }
    return events;
  }

  private UserEvent event(int number, int key) {
    return samples.get(number % samples.size()).toBuilder()
        .setEventId(Integer.toString(number))
        .setUserId("user-" + key)
        .build();
  }

  /** Commits events, several hundred per transaction. */
  void add(List<UserEvent> events) throws SQLException {
    try (Outbox outbox = Outbox.builder().topic(topic).withoutNotify().build();
        Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      for (int from = 0; from < events.size(); from += ROWS_OF_TRANSACTION) {
        int to = Math.min(events.size(), from + ROWS_OF_TRANSACTION);
        outbox.publishAll(connection, events.subList(from, to));
        connection.commit();
      }
    }
  }

  /**
   * Commits one event per transaction, at a steady rate.
   *
   * @param committing called by a writer with an event's number, right before its commit
   * @return the number of transactions per second
   */
  double run(int transactions, int perSecond, int keys, IntConsumer committing)
      throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicLong lastNs = new AtomicLong();
    long startNs = System.nanoTime();
    List<Thread> writers = new ArrayList<>();
    try (Outbox outbox = Outbox.builder().topic(topic).build()) {
      for (int w = 0; w < WRITERS; w++) {
        int first = w;
        Thread writer =
            new Thread(
                () -> {
                  try {
                    write(outbox, first, transactions, perSecond, startNs, keys, committing);
                    lastNs.accumulateAndGet(System.nanoTime() - startNs, Math::max);
                  } catch (SQLException | RuntimeException e) {
                    failure.set(e);
                  }
                },
                "writer-" + w);
        writers.add(writer);
        writer.start();
      }
      for (Thread writer : writers) {
        writer.join();
      }
    }
    if (failure.get() != null) {
      throw new IllegalStateException("A writer failed.", failure.get());
    }
    return transactions * 1e9 / lastNs.get();
  }

  private void write(
      Outbox outbox,
      int first,
      int transactions,
      int perSecond,
      long startNs,
      int keys,
      IntConsumer committing)
      throws SQLException {
    Random random = new Random(first);
    for (int i = first; i < transactions; i += WRITERS) {
      long dueNs = startNs + i * (TimeUnit.SECONDS.toNanos(1) / perSecond);
      while (System.nanoTime() - dueNs < 0) {
        LockSupport.parkNanos(dueNs - System.nanoTime());
      }
      try (Connection connection = source.getConnection()) {
        connection.setAutoCommit(false);
        outbox.publish(connection, event(i, random.nextInt(keys)));
        committing.accept(i);
        connection.commit();
      }
    }
  }
}
