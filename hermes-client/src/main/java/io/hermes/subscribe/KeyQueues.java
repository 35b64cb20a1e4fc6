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
 * <p>A queue is in the map exactly as long as it has a record. Appending (the poll thread) and
 * letting go of the head (who finished it) are each one atomic step of the map on that key, so a
 * record is either behind another one or the head of a new queue, never lost between the two. A
 * head stays where it is until it is finished for good: that alone keeps the order, through retries
 * and dead letters.
 */
final class KeyQueues {

  private final ConcurrentHashMap<KeyQueue, KeyQueue> queues = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Task> ready = new ConcurrentLinkedQueue<>();

  /**
   * A received record. Called by the poll thread, in the order of offsets.
   *
   * @param key what it shares with the records that it waits for; null if it waits for none
   * @return whether it is ready at once
   */
  @SuppressWarnings("ReferenceEquality") // equal queues are what the map tells apart
  boolean add(Task task, byte @Nullable [] key) {
    if (key != null) {
      KeyQueue own = new KeyQueue(key, task);
      task.queue = own;
      if (queues.merge(own, own, KeyQueue::append) != own) {
        return false;
      }
    }
    ready.add(task);
    return true;
  }

  /** A head that may be handled (again). */
  void ready(Task head) {
    ready.add(head);
  }

  boolean hasReady() {
    return !ready.isEmpty();
  }

  /** Takes one that is ready; null if there is none. */
  @Nullable Task poll() {
    return ready.poll();
  }

  /**
   * A head, and with a batch what follows it up to the last one, is finished for good. Called by
   * who handled it, once.
   *
   * @return the key's next, which belongs to the caller; null if there is none
   */
  @Nullable Task finished(Task last) {
    KeyQueue queue = last.queue;
    if (queue == null) {
      return null;
    }
    queue.finishing(last);
    KeyQueue left = queues.computeIfPresent(queue, (same, value) -> value.advance());
    return left == null ? null : left.head();
  }

  /** A head and what follows it now, at most so many. Called by who has the head. */
  List<Task> from(Task head, int most) {
    List<Task> tasks = new ArrayList<>();
    KeyQueue queue = head.queue;
    if (queue == null) {
      return List.of(head);
    }
    queues.computeIfPresent(
        queue,
        (same, value) -> {
          for (Task task = head; task != null && tasks.size() < most; task = task.next) {
            tasks.add(task);
          }
          return value;
        });
    return tasks;
  }

  /** Forgets all of a closed assignment. */
  void discard(Assignment assignment) {
    queues.keySet().removeIf(queue -> queue.assignment == assignment);
    ready.removeIf(task -> task.assignment() == assignment);
  }

  /** How many keys have a record here. */
  int size() {
    return queues.size();
  }
}
