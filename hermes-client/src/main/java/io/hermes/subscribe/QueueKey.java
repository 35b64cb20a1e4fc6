package io.hermes.subscribe;

import java.util.Arrays;

/** What records share that wait for each other: an assignment and the bytes of a key. Immutable. */
final class QueueKey implements Comparable<QueueKey> {

  private static final byte[] NO_BYTES = {};

  private final Assignment assignment;
  private final byte[] key;
  private final int hash;

  QueueKey(Assignment assignment, byte[] key) {
    this.assignment = assignment;
    this.key = key;
    this.hash = 31 * assignment.hashCode() + Arrays.hashCode(key);
  }

  /** All records of the partition. */
  static QueueKey ofAll(Assignment assignment) {
    return new QueueKey(assignment, NO_BYTES);
  }

  boolean isOf(Assignment other) {
    return assignment == other;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof QueueKey that
            && that.assignment == assignment
            && Arrays.equals(that.key, key));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** Keys may be chosen to have one hash; the map needs an order then. */
  @Override
  public int compareTo(QueueKey other) {
    int byKey = Arrays.compare(key, other.key);
    return byKey != 0
        ? byKey
        : assignment == other.assignment ? 0 : assignment.compareTo(other.assignment);
  }
}
