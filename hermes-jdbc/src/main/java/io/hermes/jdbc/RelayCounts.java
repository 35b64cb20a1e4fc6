package io.hermes.jdbc;

import java.util.concurrent.atomic.LongAdder;

/** Counts what a relay has done since it started. Thread-safe. */
final class RelayCounts {

  private final LongAdder published = new LongAdder();
  private final LongAdder unknown = new LongAdder();
  private final LongAdder parked = new LongAdder();

  void published() {
    published.increment();
  }

  void unknown() {
    unknown.increment();
  }

  void parked() {
    parked.increment();
  }

  OutboxHealth.Counts snapshot() {
    return new OutboxHealth.Counts(published.sum(), unknown.sum(), parked.sum());
  }
}
