package io.hermes.jdbc;

import io.hermes.Fault;
import io.hermes.HermesException;
import io.hermes.kafka.Faults;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Measures the backlog of the outbox every five seconds. One thread writes; any thread reads. */
final class BacklogWatch {

  private static final long INTERVAL_MS = 5_000;

  private static final String PLACE = "parked";

  private final OutboxTable table;
  private final Faults faults;
  private final CountDownLatch stop = new CountDownLatch(1);

  private record Measured(OutboxBacklog backlog, long atNs) {}

  private volatile @Nullable Measured measured;

  BacklogWatch(OutboxTable table, Faults faults) {
    this.table = table;
    this.faults = faults;
  }

  void start() {
    Thread thread = new Thread(this::run, "hermes-outbox-watch");
    thread.setDaemon(true);
    thread.start();
  }

  void stop() {
    stop.countDown();
  }

  @Nullable OutboxBacklog last() {
    Measured last = measured;
    return last == null ? null : last.backlog;
  }

  /**
   * Returns the time since the last measurement. The oldest row keeps aging during an outage of the
   * database.
   */
  Duration age() {
    Measured last = measured;
    return last == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - last.atNs);
  }

  private void run() {
    try {
      while (!stop.await(INTERVAL_MS, TimeUnit.MILLISECONDS)) {
        check();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void check() throws InterruptedException {
    try {
      measure();
    } catch (HermesException e) {
      // The shards' threads report this failure.
    }
  }

  private static String problem(long parked) {
    return parked == 1
        ? "The outbox has 1 parked event, which Kafka rejected."
        : "The outbox has " + parked + " parked events, which Kafka rejected.";
  }

  /**
   * Measures the backlog now.
   *
   * @throws HermesException if the database does not respond, or a table is missing
   */
  void measure() throws InterruptedException {
    OutboxBacklog backlog = table.backlog();
    measured = new Measured(backlog, System.nanoTime());
    if (backlog.parked() == 0) {
      faults.end(PLACE);
    } else {
      faults.begin(
          PLACE,
          Fault.of(
                  Fault.Kind.PARKED,
                  problem(backlog.parked()),
                  "Run ./hermes outbox list, remove the cause, then retry or drop the event.")
              .needsAction(),
          null);
    }
  }
}
