package io.hermes.subscribe;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Queues records by key. A head waits for no other record; one list has the heads, and the records
 * without a queue, that are ready for a worker. Thread-safe.
 *
 * <p>The records of a queue are linked, and a map holds the last record of each queue: a key is in
 * the map exactly as long as it has a record. Appending (by the poll thread) and removing the last
 * record (by the thread that finished it) are each one atomic operation of the map on that key. So
 * a record is either appended to a queue or the head of a new one, and never lost in between. A
 * head stays in place until it is finished for good. That alone keeps the order, through retries
 * and dead letters.
 */
final class KeyQueues {

  private final ConcurrentHashMap<QueueKey, WorkItem> lasts = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<WorkItem> ready = new ConcurrentLinkedQueue<>();

  /**
   * Adds a received record. Called by the poll thread, in offset order.
   *
   * @return whether it is ready immediately
   */
  boolean add(WorkItem item) {
    QueueKey key = item.key;
    if (key != null) {
      lasts.merge(key, item, KeyQueues::append);
      if (item.waits) {
        return false;
      }
    }
    ready.add(item);
    return true;
  }

  private static WorkItem append(WorkItem last, WorkItem item) {
    item.waits = true;
    last.next = item;
    return item;
  }

  /** Marks a head as ready to be handled (again). */
  void ready(WorkItem head) {
    ready.add(head);
  }

  boolean hasReady() {
    return !ready.isEmpty();
  }

  /** Takes a ready record; null if there is none. */
  @Nullable WorkItem poll() {
    return ready.poll();
  }

  /**
   * Removes a head that is finished for good; for a batch, all records up to {@code last}. Called
   * once, by the thread that holds the head.
   *
   * @param last the head; for a batch, the last record to remove
   * @return the next record of the key, now held by the caller; null if there is none
   */
  @Nullable WorkItem finished(WorkItem last) {
    QueueKey key = last.key;
    if (key == null) {
      return null;
    }
    WorkItem next = last.next;
    if (next == null && !lasts.remove(key, last)) {
      next = last.next; // appended just now; or the whole queue was discarded
    }
    last.next = null; // otherwise a reference to it keeps all successors reachable
    return next;
  }

  /** The head and its current successors, {@code most} at most. Called by the head's holder. */
  List<WorkItem> from(WorkItem head, int most) {
    List<WorkItem> items = new ArrayList<>();
    for (WorkItem item = head; item != null && items.size() < most; item = item.next) {
      items.add(item);
    }
    return items;
  }

  /** Discards all records of a closed assignment. */
  void discard(Assignment assignment) {
    lasts.keySet().removeIf(key -> key.isOf(assignment));
    ready.removeIf(item -> item.assignment() == assignment);
  }

  /** The number of keys that have a record here. */
  int size() {
    return lasts.size();
  }
}
