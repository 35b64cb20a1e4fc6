package io.hermes.publish;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A FIFO queue of events whose outcome is known, for the thread that completes their futures.
 * Events keep their room in the {@link Admission} until that thread is about to take them, so no
 * more wait here than may be in flight. Safe for any thread.
 *
 * <p>Reading what another core has just written is slow. So Kafka's I/O thread writes nothing into
 * the events that it hands over; outcomes are stored next to them in array chunks. Adding and
 * taking use separate locks, so neither waits for the other. An entry is visible once its event is
 * written, after its outcome. Taking releases room for many events in one step.
 */
final class Relay {

  private static final int ENTRIES = 512;

  /** The maximum number of events whose room is released in one step, before they are taken. */
  private static final int STEP = 64;

  /** Each entry has two slots: the event, then its outcome. */
  private static final class Chunk {
    private final AtomicReferenceArray<@Nullable Object> entries =
        new AtomicReferenceArray<>(2 * ENTRIES);
    private volatile @Nullable Chunk next; // has at least one entry

    void set(int entry, Pending event, @Nullable Object outcome) {
      entries.setPlain(2 * entry + 1, outcome);
      entries.setRelease(2 * entry, event);
    }

    @Nullable Pending event(int entry) {
      return (Pending) entries.getAcquire(2 * entry);
    }

    /** Ends an event; one that has already ended is skipped. */
    boolean end(int entry, Pending event) {
      boolean first = event.ended(entries.getPlain(2 * entry + 1));
      entries.setPlain(2 * entry + 1, null);
      if (!first) {
        entries.setPlain(2 * entry, null);
      }
      return first;
    }

    /** Takes an event that has ended; null if it was skipped. */
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
  private long released; // events whose room is released; guarded by taking
  private long taken; // guarded by taking

  /** Creates an empty relay; the events added later hold room in this admission. */
  Relay(Admission admission) {
    this.admission = admission;
  }

  Admission admission() {
    return admission;
  }

  /**
   * Counts an event that has ended and needs no delivery, and releases its room. Called on Kafka's
   * I/O thread.
   */
  void pass(int charge) {
    passed.incrementAndGet();
    admission.leave(1, charge);
  }

  /**
   * Adds an event with the outcome that {@link Pending#deliver()} reports. If an event is added
   * more than once, the first outcome counts.
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

  /** Takes the oldest event, with its outcome set; null if there is none. */
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

  /** Ends the next available events and releases their room; moves to the next chunk if needed. */
  private void giveRoomBack() {
    int entry = (int) (taken % ENTRIES);
    if (entry == 0 && taken > 0) {
      Chunk next = first.next;
      if (next == null) {
        return;
      }
      first.next = null; // otherwise a long-lived chunk would retain all later ones
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

  /** The number of events ended so far. */
  long ended() {
    return added() + passed.get();
  }

  /** The number of events added so far. */
  private long added() {
    synchronized (adding) {
      return added;
    }
  }

  /** The number of events taken so far. */
  long taken() {
    synchronized (taking) {
      return taken;
    }
  }

  /** The number of events waiting to be taken. */
  long waiting() {
    long before = taken(); // read first, so that the result is not negative
    return added() - before;
  }

  /** The number of admitted events without an outcome. */
  long withoutOutcome() {
    synchronized (taking) {
      return Math.max(0, admission.records() - (added() - released)); // one may be added twice
    }
  }
}
