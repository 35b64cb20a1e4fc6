package io.hermes.subscribe;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Puts records in line: those that wait for each other into one queue for each key, and the heads
 * of the queues, which wait for nobody, into one list of what is ready. Safe for any thread.
 *
 * <p>The records of a queue are linked, and a map has the last one of each: a key is in it exactly
 * as long as it has a record. Appending (the poll thread) and taking the last one out (who finished
 * it) are each one atomic step of the map on that key, so a record is either behind another one or
 * the head of a new queue, never lost between the two. A head stays where it is until it is
 * finished for good: that alone keeps the order, through retries and dead letters.
 */
final class KeyQueues {

  private final ConcurrentHashMap<QueueKey, WorkItem> lasts = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<WorkItem> ready = new ConcurrentLinkedQueue<>();

  /**
   * A received record, whose key says what it waits for. Called by the poll thread, in the order of
   * offsets.
   *
   * @return whether it is ready at once
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

  /** A head that may be handled (again). */
  void ready(WorkItem head) {
    ready.add(head);
  }

  boolean hasReady() {
    return !ready.isEmpty();
  }

  /** Takes one that is ready; null if there is none. */
  @Nullable WorkItem poll() {
    return ready.poll();
  }

  /**
   * A head, and with a batch what follows it up to this one, is finished for good. Called by who
   * handled it, once.
   *
   * @return the key's next, which belongs to the caller; null if there is none
   */
  @Nullable WorkItem finished(WorkItem last) {
    QueueKey key = last.key;
    if (key == null) {
      return null;
    }
    WorkItem next = last.next;
    if (next == null && !lasts.remove(key, last)) {
      next = last.next; // appended at this moment; or the whole queue is discarded
    }
    last.next = null; // or one that somebody still holds would keep all that ever follow it
    return next;
  }

  /** A head and what follows it now, at most so many. Called by who has the head. */
  List<WorkItem> from(WorkItem head, int most) {
    List<WorkItem> items = new ArrayList<>();
    for (WorkItem item = head; item != null && items.size() < most; item = item.next) {
      items.add(item);
    }
    return items;
  }

  /** Forgets all of a closed assignment. */
  void discard(Assignment assignment) {
    lasts.keySet().removeIf(key -> key.isOf(assignment));
    ready.removeIf(item -> item.assignment() == assignment);
  }

  /** How many keys have a record here. */
  int size() {
    return lasts.size();
  }
}
