package io.hermes.jdbc;

import io.hermes.jdbc.OutboxTable.Claim;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A time-limited lease to publish one shard. Its validity is measured by this process's monotonic
 * clock, from before the request to the database, so a paused process finds its lease expired
 * before the database grants it to another one. Only the shard's thread changes it; any thread may
 * read it.
 */
final class Lease {

  private final OutboxTable table;
  private final int shard;
  private final String owner;
  private final Duration duration;
  private volatile @Nullable Claim claim;
  private volatile long validUntilNs;
  private long renewAtNs; // only the shard's thread

  Lease(OutboxTable table, int shard, String owner, Duration duration) {
    this.table = table;
    this.shard = shard;
    this.owner = owner;
    this.duration = duration;
  }

  int shard() {
    return shard;
  }

  boolean isValid() {
    return claim != null && System.nanoTime() - validUntilNs < 0;
  }

  Optional<Claim> claim() {
    return Optional.ofNullable(claim);
  }

  /** Keeps the lease, renewing it when due, or acquires it; false if another relay has it. */
  boolean ensure() throws InterruptedException {
    if (keep()) {
      return true;
    }
    long beforeNs = System.nanoTime();
    OptionalLong epoch = table.acquire(shard, owner, duration);
    if (epoch.isEmpty()) {
      return false;
    }
    extended(beforeNs);
    claim = new Claim(shard, owner, epoch.getAsLong());
    return true;
  }

  /** Keeps the lease, renewing it after a third of its duration; false if it is lost. */
  boolean keep() throws InterruptedException {
    long beforeNs = System.nanoTime();
    Claim held = claim;
    if (held == null || beforeNs - renewAtNs < 0) {
      return held != null;
    }
    if (table.renew(held, duration)) {
      extended(beforeNs);
      return true;
    }
    claim = null;
    return false;
  }

  /** How often to call {@link #keep} while waiting. */
  Duration keepInterval() {
    return duration.dividedBy(10);
  }

  /**
   * Counts the lease as valid for a tenth less than the database does, to allow for clock drift.
   */
  private void extended(long beforeNs) {
    renewAtNs = beforeNs + duration.toNanos() / 3;
    validUntilNs = beforeNs + duration.toNanos() * 9 / 10;
  }

  void release() throws InterruptedException {
    Claim held = claim;
    if (held != null) {
      claim = null;
      table.release(held);
    }
  }
}
