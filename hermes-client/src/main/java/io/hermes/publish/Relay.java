package io.hermes.publish;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Events whose outcome is known, on their way to the thread that completes their futures: first in,
 * first out. Safe for any thread.
 *
 * <p>What one core has written another one reads slowly. So Kafka's thread writes nothing into the
 * events that it hands over: they stand with their outcomes in chunks of an array. Those who add
 * have one lock and those who take another, so neither waits for the other; an entry is there once
 * its event is written, which is written last.
 */
final class Relay {

  private static final int ENTRIES = 512;

  /** Entries of two: an outcome, and before it the event. */
  private static final class Chunk {
    private final AtomicReferenceArray<@Nullable Object> entries =
        new AtomicReferenceArray<>(2 * ENTRIES);
    private volatile @Nullable Chunk next;
  }

  private final Object adding = new Object();
  private Chunk last = new Chunk(); // guarded by adding
  private int added; // in the last chunk; guarded by adding

  private final Object taking = new Object();
  private Chunk first = last; // guarded by taking
  private int taken; // in the first chunk; guarded by taking

  /** Adds an event with what {@link PendingPublish#deliver()} is to tell. */
  void add(PendingPublish event, @Nullable Object outcome) {
    synchronized (adding) {
      if (added == ENTRIES) {
        Chunk next = new Chunk();
        last.next = next;
        last = next;
        added = 0;
      }
      int at = 2 * added++;
      last.entries.setPlain(at + 1, outcome);
      last.entries.set(at, event);
    }
  }

  /** Takes the oldest, which knows its outcome then; null if there is none. */
  @Nullable PendingPublish poll() {
    synchronized (taking) {
      PendingPublish event = oldest();
      if (event != null) {
        int at = 2 * taken++;
        event.ended(first.entries.getPlain(at + 1));
        first.entries.setPlain(at + 1, null);
        first.entries.setPlain(at, null);
      }
      return event;
    }
  }

  /** Without taking it; goes to the next chunk if it must. */
  private @Nullable PendingPublish oldest() {
    if (taken == ENTRIES) {
      Chunk next = first.next;
      if (next == null) {
        return null;
      }
      first.next = null; // or one that lives long keeps all that ever follow it
      first = next;
      taken = 0;
    }
    return (PendingPublish) first.entries.get(2 * taken);
  }

  boolean isEmpty() {
    synchronized (taking) {
      return oldest() == null;
    }
  }
}
