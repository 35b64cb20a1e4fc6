package io.hermes.subscribe;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run of a worker: handles what is ready until nothing is. Its own thread runs it; the poll
 * thread may interrupt what it handles, and the timer thread looks at it.
 *
 * <p>An interrupt must hit the handler that it is for, never the next one on this thread, so both
 * sides agree by {@code current}: the interrupter takes the item out before it interrupts, and a
 * worker that finds its item taken waits the moment until the interrupt is there, and clears it.
 */
final class Worker implements Runnable {

  private static final Object INTERRUPTING = new Object();
  private static final Object INTERRUPTED = new Object();

  private final Consumer<Worker> work;
  private final Runnable refuse;
  private final Thread starter = Thread.currentThread();
  private final AtomicReference<@Nullable Object> current = new AtomicReference<>();
  private boolean beingStarted = true; // only the starter's thread
  private boolean holdsSlot = true; // only its own thread
  private volatile @Nullable Thread thread;

  /**
   * A worker that has a slot.
   *
   * @param work what it does on its thread
   * @param refuse is called instead, if the executor runs it on the caller's
   */
  Worker(Consumer<Worker> work, Runnable refuse) {
    this.work = work;
    this.refuse = refuse;
  }

  @Override
  public void run() {
    Thread self = Thread.currentThread();
    if (self == starter && beingStarted) {
      refuse.run(); // it may be the poll thread: no handler runs there
      return;
    }
    thread = self;
    work.accept(this);
  }

  /** The executor has it. A pool may run it on the starter's thread later, which is all right. */
  void handedOver() {
    beingStarted = false;
  }

  /** An asynchronous handler's stage has the slot from now on, and this run ends. */
  void leaveSlot() {
    holdsSlot = false;
  }

  boolean holdsSlot() {
    return holdsSlot;
  }

  /** A handler is about to be called, by this thread. */
  void begin(WorkItem item) {
    current.set(item);
  }

  /** The handler returned: no interrupt for it comes from now on. */
  void end(WorkItem item) {
    if (!current.compareAndSet(item, null)) {
      while (current.get() != INTERRUPTED) {
        Thread.onSpinWait();
      }
      current.set(null);
    }
    Thread.interrupted(); // the handler's own business is over
  }

  /** Interrupts the handler if it handles a record of this assignment. Any other thread. */
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

  /** What it handles, for the watchdog; null if nothing. */
  @Nullable WorkItem handling() {
    return current.get() instanceof WorkItem item ? item : null;
  }

  @Nullable Thread thread() {
    return thread;
  }
}
