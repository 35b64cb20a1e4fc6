package io.hermes.subscribe;

import java.time.Duration;

/**
 * After how long what does not move is a fault. Immutable.
 *
 * @param brokers how long no broker need respond before one is asked
 * @param leader how long the leader of a partition need not respond while other brokers do
 * @param confirmation how long a member need commit nothing before it commits anew what it has
 *     committed, to see that the group still takes it
 * @param membership how long a member may be without partitions and out of its group
 * @param transaction how long an open transaction may hold a partition up
 * @param pause how long a pipe waits after its first failure in a row
 */
record Patience(
    Duration brokers,
    Duration leader,
    Duration confirmation,
    Duration membership,
    Duration transaction,
    Duration pause) {

  static final Patience DEFAULT =
      new Patience(
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofMillis(100));

  Patience membership(Duration silence) {
    return new Patience(brokers, leader, confirmation, silence, transaction, pause);
  }

  Patience transaction(Duration open) {
    return new Patience(brokers, leader, confirmation, membership, open, pause);
  }

  Patience confirmation(Duration idle) {
    return new Patience(brokers, leader, idle, membership, transaction, pause);
  }

  Patience pause(Duration afterFailure) {
    return new Patience(brokers, leader, confirmation, membership, transaction, afterFailure);
  }
}
