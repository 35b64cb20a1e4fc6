package io.hermes.subscribe;

import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** Lets ten lines through every ten seconds, and reports how many it suppressed. Thread-safe. */
final class LogLimit {

  static final int LINES = 10;
  static final long PERIOD_NS = TimeUnit.SECONDS.toNanos(10);

  private final Timer timer;
  private final LongConsumer report;

  // All guarded by this.
  private long beganNs = System.nanoTime();
  private int lines;
  private long suppressed;

  /**
   * Creates a limit.
   *
   * @param report receives the number of suppressed lines, at least 1
   */
  LogLimit(Timer timer, LongConsumer report) {
    this.timer = timer;
    this.report = report;
  }

  /** Whether the next line may be written. */
  boolean admits() {
    long waitNs;
    synchronized (this) {
      long now = System.nanoTime();
      if (now - beganNs >= PERIOD_NS) {
        beganNs = now;
        lines = 0;
      }
      if (lines < LINES) {
        lines++;
        return true;
      }
      if (suppressed++ > 0) {
        return false; // the report is scheduled
      }
      waitNs = PERIOD_NS - (now - beganNs);
    }
    timer.after(waitNs, this::report);
    return false;
  }

  /** Reports the lines suppressed since the last report, if any. */
  void report() {
    long count;
    synchronized (this) {
      count = suppressed;
      suppressed = 0;
    }
    if (count > 0) {
      report.accept(count);
    }
  }
}
