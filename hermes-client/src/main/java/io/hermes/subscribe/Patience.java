package io.hermes.subscribe;

import java.time.Duration;

/**
 * After how long what does not move is a fault. Immutable.
 *
 * @param brokers how long no broker need respond before one is asked
 * @param membership how long a member may be without partitions and out of its group
 * @param transaction how long an open transaction may hold a partition up
 */
record Patience(Duration brokers, Duration membership, Duration transaction) {

  static final Patience DEFAULT =
      new Patience(Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(30));
}
