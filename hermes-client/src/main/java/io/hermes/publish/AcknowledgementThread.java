package io.hermes.publish;

import java.util.concurrent.ConcurrentLinkedQueue;
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

  private final int maxBacklog;
  private final Runnable backlogWorkedOff;
  private final String name;
  private final ConcurrentLinkedQueue<PendingPublish> queue = new ConcurrentLinkedQueue<>();

  private volatile Thread deliverer;
  private volatile boolean asleep;
  private volatile boolean finishing;
  private volatile boolean backlogged;
  private volatile long offered; // written only by Kafka's I/O thread
  private volatile long delivered; // written only by the thread that delivers

  /**
   * Made, not yet started.
   *
   * @param maxBacklog how many acknowledged events may wait before publishing waits too
   * @param backlogWorkedOff called on this thread when publishing may go on
   */
  AcknowledgementThread(String name, int maxBacklog, Runnable backlogWorkedOff) {
    this.name = name;
    this.maxBacklog = maxBacklog;
    this.backlogWorkedOff = backlogWorkedOff;
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
    queue.add(event);
    long now = offered + 1; // this thread alone writes it
    offered = now;
    if (asleep) {
      asleep = false;
      LockSupport.unpark(deliverer);
    }
  }

  /** How many events have ended. */
  long offered() {
    return offered;
  }

  /** Whether so many acknowledged events wait for continuations that publishing is to wait. */
  boolean isBacklogged() {
    if (offered - delivered < maxBacklog) {
      return false;
    }
    backlogged = true;
    // The backlog may have gone between these lines: then nobody else would say so.
    return offered - delivered >= maxBacklog;
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
      PendingPublish next = queue.poll();
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
    long now = delivered + 1; // this thread alone writes it, until publishing is over
    delivered = now;
    if (backlogged && offered - now <= maxBacklog / 2) {
      backlogged = false;
      backlogWorkedOff.run();
    }
  }

  private void sleep() {
    // Who offers looks at asleep after adding; here it is the other way round: one sees the other.
    asleep = true;
    if (queue.isEmpty() && !finishing) {
      LockSupport.park(this);
    }
    asleep = false;
    // A continuation can interrupt its own thread; park would never sleep again.
    if (Thread.interrupted()) {
      LOG.debug("The acknowledgement thread was interrupted, which means nothing");
    }
  }
}
