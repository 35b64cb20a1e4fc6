package io.hermes.subscribe;

import java.util.Arrays;

/** The key of a queue: an assignment and the bytes of a record key. Immutable. */
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

  /** The queue of all records of a partition. */
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

  /** Keys may be chosen so that their hashes collide; the map then needs an order to stay fast. */
  @Override
  public int compareTo(QueueKey other) {
    int byKey = Arrays.compare(key, other.key);
    return byKey != 0
        ? byKey
        : assignment == other.assignment ? 0 : assignment.compareTo(other.assignment);
  }
}
