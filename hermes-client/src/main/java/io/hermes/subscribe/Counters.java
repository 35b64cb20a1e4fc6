package io.hermes.subscribe;

import java.util.concurrent.atomic.LongAdder;

/** What a subscriber counts from its start on, for its health. Safe for any thread. */
final class Counters {

  final LongAdder handled = new LongAdder();
  final LongAdder ignored = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder retried = new LongAdder();
  final LongAdder deadLettered = new LongAdder();
  final LongAdder skipped = new LongAdder();
  final LongAdder redelivered = new LongAdder();
  final LongAdder rebalances = new LongAdder();

  // Of a pipe.
  final LongAdder commits = new LongAdder();
  final LongAdder aborts = new LongAdder();
}
