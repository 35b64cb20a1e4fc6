package io.hermes.publish;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The events that one producer has accepted and not ended yet. They get an outcome even if the
 * producer never reports one: an {@code Error} ends Kafka's I/O thread, and then no callback runs.
 * Safe for any thread.
 *
 * <p>Every event is added here, so adding must be cheap. Callers append to a shared array, and an
 * event is not removed when it ends. The caller that fills an array checks the oldest events and
 * drops those that have ended. So, besides the events in flight, this object holds those of the
 * last few arrays or, at worst, four times as many events as were in flight.
 */
final class InFlight {

  private static final int ENTRIES = 512;

  private static final AtomicReferenceFieldUpdater<InFlight, Segment> OPEN =
      AtomicReferenceFieldUpdater.newUpdater(InFlight.class, Segment.class, "open");

  /** Marks an entry that a thread reserved but did not use in time. */
  private static final Object CLOSED = new Object();

  private static final class Segment {
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicReferenceArray<@Nullable Object> entries;

    private Segment(int size) {
      entries = new AtomicReferenceArray<>(size);
    }
  }

  private final int size; // of a segment
  private volatile Segment open;
  private final ArrayDeque<Pending> older = new ArrayDeque<>(); // guarded by this
  private volatile @Nullable Exception reason; // why it was given up

  InFlight() {
    this(ENTRIES);
  }

  /** For tests: segments of another size. */
  InFlight(int size) {
    this.size = size;
    this.open = new Segment(size);
  }

  /** Adds an event that the producer has accepted; it may even have ended already. */
  void add(Pending event) {
    while (!append(open, event)) {
      Thread.onSpinWait();
    }
    Exception given = reason; // after adding: this or giveUp() sees the other's write
    if (given != null) {
      lose(event, given);
    }
  }

  private boolean append(Segment segment, Pending event) {
    int entry = segment.taken.getAndIncrement();
    if (entry < size) {
      return segment.entries.compareAndSet(entry, null, event);
    }
    if (OPEN.compareAndSet(this, segment, new Segment(size))) {
      keep(segment);
    }
    return false;
  }

  /** Keeps the events of a full segment, and drops old ones that have ended. */
  private void keep(Segment full) {
    synchronized (this) {
      take(full, older);
      sweep(4 * size, Math.max(1, size / 4));
    }
    Exception given = reason;
    if (given != null) {
      giveUp(given);
    }
  }

  /** Moves a segment's events to the target. Closes empty entries; a late thread takes another. */
  private static void take(Segment segment, ArrayDeque<Pending> target) {
    for (int entry = 0; entry < segment.entries.length(); entry++) {
      if (segment.entries.get(entry) == null) {
        segment.entries.compareAndSet(entry, null, CLOSED);
      }
      if (segment.entries.get(entry) instanceof Pending event) {
        target.add(event);
      }
    }
  }

  /**
   * Drops the oldest events that have ended. Stops early once many are still in flight, since newer
   * events are probably in flight too. Requires the lock.
   */
  private void sweep(int looks, int patience) {
    int inFlight = 0;
    for (int look = Math.min(looks, older.size()); look > 0 && inFlight < patience; look--) {
      Pending event = older.remove();
      if (!event.isEnded()) {
        older.add(event);
        inFlight++;
      }
    }
  }

  /** Drops all events that have ended, so that an idle publisher holds none. */
  void sweep() {
    synchronized (this) {
      Segment now = open;
      if (now.taken.get() > 0 && OPEN.compareAndSet(this, now, new Segment(size))) {
        take(now, older);
      }
      sweep(Integer.MAX_VALUE, Integer.MAX_VALUE);
    }
  }

  /**
   * Ends all events in flight, and all that are added later, as unknown. Kafka may end some of them
   * at the same time or afterwards; the first outcome of an event counts.
   */
  void giveUp(Exception why) {
    reason = why;
    List<Pending> left;
    synchronized (this) {
      sweep();
      left = new ArrayList<>(older);
      older.clear();
    }
    left.forEach(event -> lose(event, why));
  }

  private static void lose(Pending event, Exception why) {
    if (!event.isEnded()) {
      event.lost(why);
    }
  }

  /** The number of events held, ended ones included. */
  synchronized int count() {
    return older.size() + Math.min(size, open.taken.get());
  }
}
