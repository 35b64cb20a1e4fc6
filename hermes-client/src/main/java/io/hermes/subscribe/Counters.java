package io.hermes.subscribe;

import java.util.concurrent.atomic.LongAdder;

/** The counts of a subscriber since its start, for its health. Thread-safe. */
final class Counters {

  final LongAdder handled = new LongAdder();
  final LongAdder ignored = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder retried = new LongAdder();
  final LongAdder deadLettered = new LongAdder();
  final LongAdder skipped = new LongAdder();
  final LongAdder redelivered = new LongAdder();
  final LongAdder rebalances = new LongAdder();

  // Only for pipes.
  final LongAdder commits = new LongAdder();
  final LongAdder aborts = new LongAdder();
}
