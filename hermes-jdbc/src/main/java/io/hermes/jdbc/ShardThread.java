package io.hermes.jdbc;

import io.hermes.HermesException;
import io.hermes.kafka.Thrown;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of a shard. It repeats the shard's steps, and survives exceptions thrown by a step.
 */
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
   * Signals that there may be rows. A relay on standby ignores it and polls for the lease at its
   * own pace; otherwise each commit would cost the database an update per standby relay.
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

  /** Runs one step; returns how many nanoseconds to wait before the next one. */
  private long step() throws InterruptedException {
    try {
      ShardRelay.Step step = relay.step();
      database.end(shard);
      boolean takesOver = standby && step == ShardRelay.Step.IDLE;
      standby = step == ShardRelay.Step.STANDBY;
      if (takesOver) {
        return 0; // a wake during the step may have been ignored
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
