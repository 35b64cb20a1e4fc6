package io.hermes.publish;

/**
 * How long an event may wait for room and for Kafka's metadata.
 *
 * @param waits whether it may wait at all; if not, an event that would have to wait is rejected
 * @param roomNs the longest wait for room
 */
record MaxWait(boolean waits, long roomNs) {

  static final MaxWait NONE = new MaxWait(false, 0);
}
