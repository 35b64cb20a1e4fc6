package io.hermes.subscribe;

import java.time.Duration;

/**
 * How long to wait before a lack of progress is checked or reported. Immutable.
 *
 * @param brokers the silence of all brokers after which one is asked
 * @param leader the silence of a partition's leader, while other brokers respond, that is a fault
 * @param confirmation the time without a commit after which a member commits an offset again, to
 *     check that the group still accepts it
 * @param membership how long a member may be without partitions and out of its group
 * @param transaction how long an open transaction may block a partition
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
