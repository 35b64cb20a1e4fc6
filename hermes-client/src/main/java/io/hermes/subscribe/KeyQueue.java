package io.hermes.subscribe;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The records of one key in one assignment that are received and not finished; its own key in the
 * map of {@link KeyQueues}, which guards head and tail. The head is the one that is handled, waits
 * for its retry, or is ready.
 */
final class KeyQueue implements Comparable<KeyQueue> {

  final Assignment assignment;
  private final byte[] key;
  private final int hash;
  private @Nullable Task head;
  private Task tail;
  private @Nullable Task finished;

  KeyQueue(byte[] key, Task first) {
    this.assignment = first.assignment();
    this.key = key;
    this.hash = 31 * assignment.hashCode() + Arrays.hashCode(key);
    this.head = first;
    this.tail = first;
  }

  @Nullable Task head() {
    return head;
  }

  /** Takes the other queue's only record. */
  KeyQueue append(KeyQueue other) {
    Task task = other.tail;
    task.queue = this;
    tail.next = task;
    tail = task;
    return this;
  }

  /** Called by who handles the head, before the next two. */
  void finishing(Task last) {
    finished = last;
  }

  /** Lets go of all up to the finished record; null if nothing is left. */
  @Nullable KeyQueue advance() {
    head = finished == null ? head : finished.next;
    finished = null;
    return head == null ? null : this;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeyQueue queue
        && queue.assignment == assignment
        && Arrays.equals(queue.key, key);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** Keys may be chosen to have one hash; the map needs an order then. */
  @Override
  public int compareTo(KeyQueue other) {
    int byKey = Arrays.compare(key, other.key);
    return byKey != 0
        ? byKey
        : assignment == other.assignment ? 0 : assignment.compareTo(other.assignment);
  }
}
