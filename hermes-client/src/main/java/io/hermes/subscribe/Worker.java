package io.hermes.subscribe;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run of a worker: handles ready records until there are none. It runs on a thread of the
 * executor. The poll thread may interrupt its handler, and the timer thread inspects it.
 *
 * <p>An interrupt must hit the intended handler, never the next one on this thread. Both sides
 * therefore coordinate through {@code current}: the interrupting thread takes the item out before
 * it interrupts, and a worker that finds its item taken spins until the interrupt has arrived, and
 * clears it.
 */
final class Worker implements Runnable {

  private static final Object INTERRUPTING = new Object();
  private static final Object INTERRUPTED = new Object();

  private final Consumer<Worker> work;
  private final Runnable refuse;
  private final Thread starter = Thread.currentThread();
  private final AtomicReference<@Nullable Object> current = new AtomicReference<>();
  private boolean beingStarted = true; // only on the starter's thread
  private boolean holdsSlot = true; // only on its own thread
  private volatile @Nullable Thread thread;

  /**
   * Creates a worker that holds a slot.
   *
   * @param work runs on the worker's thread
   * @param refuse runs instead if the executor runs the worker on the calling thread
   */
  Worker(Consumer<Worker> work, Runnable refuse) {
    this.work = work;
    this.refuse = refuse;
  }

  @Override
  public void run() {
    Thread self = Thread.currentThread();
    if (self == starter && beingStarted) {
      refuse.run(); // this may be the poll thread, which must not run handlers
      return;
    }
    thread = self;
    work.accept(this);
  }

  /** The executor has accepted it. A pool may still run it on the starter's thread later. */
  void handedOver() {
    beingStarted = false;
  }

  /** Passes the slot to the stage of an asynchronous handler; this run ends. */
  void leaveSlot() {
    holdsSlot = false;
  }

  boolean holdsSlot() {
    return holdsSlot;
  }

  /** A handler is about to be called on this thread. */
  void begin(WorkItem item) {
    current.set(item);
  }

  /** The handler returned: from now on it is not interrupted. */
  void end(WorkItem item) {
    if (!current.compareAndSet(item, null)) {
      while (current.get() != INTERRUPTED) {
        Thread.onSpinWait();
      }
      current.set(null);
    }
    Thread.interrupted(); // the handler may have left the flag set
  }

  /**
   * Interrupts the handler if it handles a record of this assignment. Called by other threads.
   *
   * @return the record of the interrupted handler; null if there is none
   */
  @Nullable WorkItem interrupt(Assignment assignment) {
    if (current.get() instanceof WorkItem item
        && item.assignment() == assignment
        && current.compareAndSet(item, INTERRUPTING)) {
      Thread handling = thread;
      if (handling != null) {
        handling.interrupt();
      }
      current.set(INTERRUPTED);
      return item;
    }
    return null;
  }

  /** The record being handled; null if none. */
  @Nullable WorkItem handling() {
    return current.get() instanceof WorkItem item ? item : null;
  }

  @Nullable Thread thread() {
    return thread;
  }
}
