package io.hermes.jdbc;

import io.hermes.HermesException;
import io.hermes.kafka.Thrown;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of a shard: repeats its steps, and survives what a step throws. */
final class ShardThread {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.jdbc");
  private static final long AFTER_ERROR_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long STANDBY_NS = TimeUnit.SECONDS.toNanos(2);

  private final ShardRelay relay;
  private final Lease lease;
  private final DatabaseFault database;
  private final String owner;
  private final long pollNs;
  private final int shard;
  private final Semaphore wakes = new Semaphore(0);
  private final Thread thread;
  private volatile boolean standby;
  private volatile boolean stopped;

  ShardThread(
      ShardRelay relay,
      Lease lease,
      DatabaseFault database,
      String owner,
      Duration poll,
      int shard) {
    this.relay = relay;
    this.lease = lease;
    this.database = database;
    this.owner = owner;
    this.pollNs = poll.toNanos();
    this.shard = shard;
    this.thread = new Thread(this::run, "hermes-outbox-" + shard);
    thread.setDaemon(true);
  }

  int shard() {
    return shard;
  }

  /** Whether this relay publishes the shard. */
  boolean isActive() {
    return lease.isValid();
  }

  void start() {
    thread.start();
  }

  /**
   * There may be rows. A relay on standby looks for the lease in its own time: otherwise each
   * commit would cost the database an update for each of them.
   */
  void wake() {
    if (!standby) {
      release();
    }
  }

  private void release() {
    if (wakes.availablePermits() == 0) {
      wakes.release();
    }
  }

  void stop() {
    stopped = true;
    release();
  }

  void join(long timeoutNs) throws InterruptedException {
    TimeUnit.NANOSECONDS.timedJoin(thread, timeoutNs);
  }

  private void run() {
    try {
      while (!stopped) {
        long waitNs = step();
        if (waitNs > 0 && wakes.tryAcquire(waitNs, TimeUnit.NANOSECONDS)) {
          wakes.drainPermits();
        }
      }
      lease.release();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (HermesException e) {
      database.endWithLease(e);
    }
  }

  /** One step; returns how long to wait until the next one. */
  private long step() throws InterruptedException {
    try {
      ShardRelay.Step step = relay.step();
      database.end(shard);
      boolean takesOver = standby && step == ShardRelay.Step.IDLE;
      standby = step == ShardRelay.Step.STANDBY;
      if (takesOver) {
        return 0; // there may have been a wake during the step
      }
      return switch (step) {
        case STANDBY -> STANDBY_NS;
        case IDLE -> pollNs;
        case WORKED -> 0;
      };
    } catch (HermesException e) {
      database.begin(shard, e);
    } catch (RuntimeException | Error e) {
      Thrown.log(owner, () -> LOG.error("{}: shard {} failed and tries again", owner, shard, e));
    }
    return AFTER_ERROR_NS;
  }
}
