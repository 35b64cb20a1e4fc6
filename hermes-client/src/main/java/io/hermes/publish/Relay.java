package io.hermes.publish;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Events whose outcome is known, on their way to the thread that completes their futures: first in,
 * first out. Until that is about to take them they keep their room at the {@link Admission}, so no
 * more wait here than may be in flight. Safe for any thread.
 *
 * <p>What one core has written another one reads slowly. So Kafka's thread writes nothing into the
 * events that it hands over: they stand with their outcomes in chunks of an array. Those who add
 * have one lock and those who take another, so neither waits for the other; an entry is there once
 * its event is written, which is written last. Room is given back by those who take, for many
 * events in one step.
 */
final class Relay {

  private static final int ENTRIES = 512;

  /** The most events whose room is given back in one step, before they are taken. */
  private static final int STEP = 64;

  /** Entries of two: an outcome, and before it the event. */
  private static final class Chunk {
    private final AtomicReferenceArray<@Nullable Object> entries =
        new AtomicReferenceArray<>(2 * ENTRIES);
    private volatile @Nullable Chunk next; // which has an entry

    void set(int entry, Pending event, @Nullable Object outcome) {
      entries.setPlain(2 * entry + 1, outcome);
      entries.setRelease(2 * entry, event);
    }

    @Nullable Pending event(int entry) {
      return (Pending) entries.getAcquire(2 * entry);
    }

    /** Ends an event; one that has ended already is left out. */
    boolean end(int entry, Pending event) {
      boolean first = event.ended(entries.getPlain(2 * entry + 1));
      entries.setPlain(2 * entry + 1, null);
      if (!first) {
        entries.setPlain(2 * entry, null);
      }
      return first;
    }

    /** Takes an event that has ended; null if it was left out. */
    @Nullable Pending take(int entry) {
      Pending event = (Pending) entries.getPlain(2 * entry);
      entries.setPlain(2 * entry, null);
      return event;
    }
  }

  private final Admission admission;
  private final AtomicLong passed = new AtomicLong();

  private final Object adding = new Object();
  private Chunk last = new Chunk(); // guarded by adding
  private long added; // guarded by adding

  private final Object taking = new Object();
  private Chunk first = last; // guarded by taking
  private long released; // have given their room back; guarded by taking
  private long taken; // guarded by taking

  /** Nothing waits yet; the room of what is added was taken at the admission. */
  Relay(Admission admission) {
    this.admission = admission;
  }

  Admission admission() {
    return admission;
  }

  /**
   * Counts an event that has ended and needs no delivery, on Kafka's I/O thread, and gives its room
   * back.
   */
  void pass(int charge) {
    passed.incrementAndGet();
    admission.leave(1, charge);
  }

  /**
   * Adds an event with what {@link Pending#deliver()} is to tell. Of an event that is added more
   * than once, the first one counts.
   */
  void add(Pending event, @Nullable Object outcome) {
    synchronized (adding) {
      int entry = (int) (added % ENTRIES);
      if (entry > 0 || added == 0) {
        last.set(entry, event, outcome);
      } else {
        Chunk next = new Chunk();
        next.set(entry, event, outcome);
        last.next = next;
        last = next;
      }
      added++;
    }
  }

  /** Takes the oldest, which knows its outcome then; null if there is none. */
  @Nullable Pending poll() {
    synchronized (taking) {
      Pending next = null;
      while (next == null) {
        if (taken == released) {
          giveRoomBack();
        }
        if (taken == released) {
          return null;
        }
        next = first.take((int) (taken++ % ENTRIES));
      }
      return next;
    }
  }

  /** Ends the next ones that are there, with their room; goes to the next chunk if it must. */
  private void giveRoomBack() {
    int entry = (int) (taken % ENTRIES);
    if (entry == 0 && taken > 0) {
      Chunk next = first.next;
      if (next == null) {
        return;
      }
      first.next = null; // or one that lives long keeps all that ever follow it
      first = next;
    }
    int records = 0;
    long bytes = 0;
    for (int end = Math.min(ENTRIES, entry + STEP); entry < end; entry++) {
      Pending event = first.event(entry);
      if (event == null) {
        break;
      }
      released++;
      if (first.end(entry, event)) {
        records++;
        bytes += event.charge();
      }
    }
    if (records > 0) {
      admission.leave(records, bytes);
    }
  }

  /** How many events Kafka has ever ended. */
  long ended() {
    return added() + passed.get();
  }

  /** How many were ever added. */
  private long added() {
    synchronized (adding) {
      return added;
    }
  }

  /** How many were ever taken. */
  long taken() {
    synchronized (taking) {
      return taken;
    }
  }

  /** How many wait to be taken. */
  long waiting() {
    long before = taken(); // first: what is taken was added
    return added() - before;
  }

  /** How many of those that were admitted have no outcome yet. */
  long withoutOutcome() {
    synchronized (taking) {
      return Math.max(0, admission.records() - (added() - released)); // one may be there twice
    }
  }
}
