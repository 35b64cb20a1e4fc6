package io.hermes.publish;

/**
 * How long an event may wait for room and for Kafka's metadata.
 *
 * @param waits whether it may wait at all; where not, what would wait is refused
 * @param roomNs how long for room
 */
record MaxWait(boolean waits, long roomNs) {

  static final MaxWait NONE = new MaxWait(false, 0);
}
