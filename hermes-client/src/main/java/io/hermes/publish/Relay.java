package io.hermes.publish;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Events whose outcome is known, on their way to the thread that completes their futures: first in,
 * first out. Safe for any thread.
 *
 * <p>Two lists that are linked through the events themselves, so that one costs nothing but a
 * compare-and-set. Those who add push onto a stack, newest first; who takes turns the whole stack
 * around when it has no more, and takes from that. No event comes back into a list, so a head that
 * is still the head has not changed.
 */
final class Relay {

  private final AtomicReference<@Nullable PendingPublish> newest = new AtomicReference<>();
  private final AtomicReference<@Nullable PendingPublish> oldest = new AtomicReference<>();

  void add(PendingPublish event) {
    PendingPublish before;
    do {
      before = newest.get();
      event.link = before;
    } while (!newest.compareAndSet(before, event));
  }

  /** Takes the oldest; null if there is none. */
  @Nullable PendingPublish poll() {
    while (true) {
      PendingPublish head = oldest.get();
      if (head == null) {
        if (!refill()) {
          return null;
        }
      } else {
        PendingPublish next = head.link;
        if (oldest.compareAndSet(head, next)) {
          head.link = null; // or one that its caller keeps would keep all after it
          return head;
        }
      }
    }
  }

  /** One at a time: a second thread takes over when the first one hangs. */
  private synchronized boolean refill() {
    if (oldest.get() != null) {
      return true;
    }
    PendingPublish next = newest.get() == null ? null : newest.getAndSet(null);
    PendingPublish turned = null;
    while (next != null) {
      PendingPublish before = next.link;
      next.link = turned;
      turned = next;
      next = before;
    }
    oldest.set(turned);
    return turned != null;
  }

  /** For who takes, while no other thread does. */
  boolean isEmpty() {
    return oldest.get() == null && newest.get() == null;
  }
}
