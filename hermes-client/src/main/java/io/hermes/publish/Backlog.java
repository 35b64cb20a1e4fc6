package io.hermes.publish;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts events that have ended and events whose futures are complete. When too many wait in
 * between, it holds callers back at the {@link Admission}, until half of them are worked off.
 *
 * <p>Each count has one writer at a time. Between changes it costs each of them one write.
 */
final class Backlog {

  // Far apart in memory, as two threads count for each event.
  private static final int OFFERED = 16;
  private static final int DELIVERED = 48;

  private final int most;
  private final int checkEvery;
  private final Admission admission;
  private final AtomicLongArray counts = new AtomicLongArray(64);
  private volatile boolean tooLong; // written under the monitor

  /**
   * Nothing waits yet.
   *
   * @param most how many may wait; it is looked at now and then, so a sixteenth more can
   */
  Backlog(int most, Admission admission) {
    this.most = most;
    this.checkEvery = Math.max(1, Math.min(256, most / 16));
    this.admission = admission;
  }

  /** Kafka's I/O thread: one more has ended. */
  void offered() {
    long now = ended() + 1;
    counts.set(OFFERED, now);
    if (now % checkEvery == 0 && waiting() >= most) {
      change();
    }
  }

  /** The acknowledgement thread: one more is complete. */
  void delivered() {
    counts.set(DELIVERED, complete() + 1);
    if (tooLong && waiting() <= most / 2) {
      change();
    }
  }

  /** How many have ended. */
  long ended() {
    return counts.get(OFFERED);
  }

  /** How many futures are complete. */
  long complete() {
    return counts.get(DELIVERED);
  }

  /** How many have ended, and their futures are not complete. */
  long waiting() {
    return ended() - complete();
  }

  /** One thread at a time, so that the hold and what it rests on never part. */
  private synchronized void change() {
    if (waiting() >= most) {
      tooLong = true; // whoever delivers looks from now on, and here it is looked once more
    }
    if (waiting() <= most / 2) {
      tooLong = false;
    }
    admission.hold(tooLong);
  }
}
