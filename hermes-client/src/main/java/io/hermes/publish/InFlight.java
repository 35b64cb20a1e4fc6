package io.hermes.publish;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The events that one producer has taken and not ended yet, so that they get an outcome even if it
 * never reports one: an {@code Error} on Kafka's I/O thread ends that thread, and with it every
 * callback. Safe for any thread.
 *
 * <p>Every event passes here, so it costs little. Callers append to an array that they share, and
 * nobody takes an event out when it ends. Whoever fills an array looks at the oldest events and
 * drops those that have ended. So besides what is in flight it holds the events of the last few
 * arrays, and at worst four times as many as were in flight.
 */
final class InFlight {

  private static final int ENTRIES = 512;

  private static final AtomicReferenceFieldUpdater<InFlight, Segment> OPEN =
      AtomicReferenceFieldUpdater.newUpdater(InFlight.class, Segment.class, "open");

  /** Stands where a thread took an entry and was not quick enough to use it. */
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

  /** With segments of a size of its own. */
  InFlight(int size) {
    this.size = size;
    this.open = new Segment(size);
  }

  /** The producer has taken an event, which may even have ended already. */
  void add(Pending event) {
    while (!append(open, event)) {
      Thread.onSpinWait();
    }
    Exception given = reason; // after the event is there: it or giveUp() sees the other
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

  /** Closes what is still empty: a thread that is late finds itself another entry. */
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
   * Looks at the oldest events, and stops early where most are still in flight: what is behind them
   * is, too. Only with the lock.
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

  /** Drops all that have ended: an idle publisher holds nothing. */
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
   * Ends what is in flight, and whatever comes later, as unknown. Kafka may end some of it at the
   * same time or afterwards: the first outcome of an event counts.
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

  /** How many events it holds. */
  synchronized int count() {
    return older.size() + Math.min(size, open.taken.get());
  }
}
