package io.hermes.publish;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that completes the futures of {@code publish}, in the order of acknowledgement, so
 * that the users' continuations run here and never on Kafka's I/O thread.
 *
 * <p>{@link #offer} is only for Kafka's I/O thread and never waits for a continuation.
 */
final class AcknowledgementThread {

  private static final Logger LOG = LoggerFactory.getLogger(AcknowledgementThread.class);

  // Far apart in memory, as two threads count for each event.
  private static final int OFFERED = 16;
  private static final int DELIVERED = 48;

  private final int maxBacklog;
  private final int checkEvery;
  private final Backlog backlog;
  private final String name;
  private final Relay relay = new Relay();
  private final AtomicLongArray counts = new AtomicLongArray(64); // each has one writer

  private volatile Thread deliverer;
  private volatile boolean asleep;
  private volatile boolean finishing;
  private volatile boolean backlogged;

  /**
   * Hears whether so many acknowledged events wait for continuations that publishing is to wait.
   */
  @FunctionalInterface
  interface Backlog {

    /** Called by Kafka's I/O thread and the acknowledgement thread. */
    void isTooLong(boolean tooLong);
  }

  /**
   * Made, not yet started.
   *
   * @param maxBacklog how many acknowledged events may wait before publishing waits too; it is
   *     looked at now and then, so a sixteenth more can
   */
  AcknowledgementThread(String name, int maxBacklog, Backlog backlog) {
    this.name = name;
    this.maxBacklog = maxBacklog;
    this.checkEvery = Math.max(1, Math.min(256, maxBacklog / 16));
    this.backlog = backlog;
    this.deliverer = newThread(name);
  }

  private Thread newThread(String threadName) {
    Thread thread = new Thread(this::run, threadName);
    thread.setDaemon(true);
    return thread;
  }

  void start() {
    deliverer.start();
  }

  /** Hands over an event whose outcome is known. */
  void offer(PendingPublish event) {
    relay.add(event);
    long now = offered() + 1; // this thread alone writes it
    counts.set(OFFERED, now);
    if (now % checkEvery == 0 && now - delivered() >= maxBacklog) {
      backlogged = true;
      backlog.isTooLong(true);
      // It may have gone between these lines: then nobody else would say so.
      endBacklog(delivered());
    }
    if (asleep) {
      asleep = false;
      LockSupport.unpark(deliverer);
    }
  }

  /** How many events have ended. */
  long offered() {
    return counts.get(OFFERED);
  }

  private long delivered() {
    return counts.get(DELIVERED);
  }

  private void endBacklog(long now) {
    if (offered() - now <= maxBacklog / 2) {
      backlogged = false;
      backlog.isTooLong(false);
    }
  }

  /** Whether the caller is a continuation on this thread. */
  boolean isCurrent() {
    return Thread.currentThread() == deliverer;
  }

  /** Lets the thread end once everything is delivered. Nothing may be offered afterwards. */
  void finish() {
    finishing = true;
    LockSupport.unpark(deliverer);
  }

  /**
   * Delivers what is left on another thread, because a continuation does not return. Only after
   * {@link #finish()}.
   */
  void takeOver() {
    Thread second = newThread(name + "-2");
    deliverer = second;
    second.start();
  }

  private void run() {
    while (true) {
      boolean last = finishing; // read before the queue: nothing is offered after it is set
      PendingPublish next = relay.poll();
      if (next != null) {
        deliver(next);
      } else if (last) {
        return;
      } else {
        sleep();
      }
    }
  }

  private void deliver(PendingPublish event) {
    try {
      event.deliver();
    } catch (RuntimeException | Error e) {
      LOG.error("A continuation failed on the acknowledgement thread", e);
    }
    long now = delivered() + 1; // this thread alone writes it, until publishing is over
    counts.set(DELIVERED, now);
    if (backlogged) {
      endBacklog(now);
    }
  }

  private void sleep() {
    // Who offers looks at asleep after adding; here it is the other way round: one sees the other.
    asleep = true;
    if (relay.isEmpty() && !finishing) {
      LockSupport.park(this);
    }
    asleep = false;
    // A continuation can interrupt its own thread; park would never sleep again.
    if (Thread.interrupted()) {
      LOG.debug("The acknowledgement thread was interrupted, which means nothing");
    }
  }
}
