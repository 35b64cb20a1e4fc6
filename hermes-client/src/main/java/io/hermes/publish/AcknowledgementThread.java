package io.hermes.publish;

import io.hermes.kafka.Thrown;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that completes the futures of {@code publish} in the order of acknowledgement, so that
 * user continuations run here and never on Kafka's I/O thread.
 *
 * <p>{@link #offer} never waits for a continuation.
 */
final class AcknowledgementThread {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.publish");

  /**
   * How long the thread waits after the last event before it sleeps. Under load the next batch
   * arrives within that time; waking a thread for each batch would cost both threads more than the
   * events do.
   */
  private static final long NAP_NS = TimeUnit.MICROSECONDS.toNanos(500);

  /** After close, a continuation that takes longer than this is assumed never to return. */
  private static final Duration STANDSTILL = Duration.ofSeconds(1);

  private final Relay relay;
  private final String name;
  private final String owner;

  private volatile Thread deliverer;
  private volatile boolean asleep;
  private volatile boolean finishing;

  /**
   * Creates the thread without starting it.
   *
   * @param owner the publisher, logged at the start of each line
   */
  AcknowledgementThread(String name, String owner, Relay relay) {
    this.name = name;
    this.owner = owner;
    this.relay = relay;
    this.deliverer = newThread(name, this::run);
  }

  private static Thread newThread(String threadName, Runnable work) {
    Thread thread = new Thread(work, threadName);
    thread.setDaemon(true);
    return thread;
  }

  String owner() {
    return owner;
  }

  void start() {
    deliverer.start();
  }

  /** Hands over an event whose outcome is known: the record's metadata, or an exception. */
  void offer(Pending event, @Nullable Object outcome) {
    relay.add(event, outcome);
    if (asleep) {
      asleep = false;
      LockSupport.unpark(deliverer);
    }
  }

  /**
   * Hands over an event whose producer reports no outcome. May be called after {@link #finish()}.
   *
   * @param why the reason, reported with the unknown outcome
   */
  void offerLost(Pending event, Exception why) {
    offer(event, why);
    if (finishing) {
      guard(); // the thread may have ended
    }
  }

  /** Whether the caller is a continuation on this thread. */
  boolean isCurrent() {
    return Thread.currentThread() == deliverer;
  }

  /**
   * Lets the thread end once everything is delivered. Outcomes that Kafka reports later are for
   * events that were already given up.
   */
  void finish() {
    finishing = true;
    LockSupport.unpark(deliverer);
  }

  /**
   * Starts a second thread, which delivers the remaining events once the first thread has ended or
   * a continuation does not return. Only after {@link #finish()}.
   */
  void guard() {
    Thread first = deliverer;
    newThread(name + "-2", () -> takeOverFrom(first)).start();
  }

  private void takeOverFrom(Thread first) {
    try {
      long before;
      do {
        before = relay.taken();
        first.join(STANDSTILL.toMillis());
        if (!first.isAlive()) {
          deliverer = Thread.currentThread();
          run(); // delivers what was offered too late for the first thread
          return;
        }
      } while (relay.taken() != before);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e); // nothing interrupts this thread
    }
    LOG.warn(
        "{}: a continuation does not return; another thread completes the remaining {} futures",
        owner,
        relay.waiting());
    deliverer = Thread.currentThread();
    run();
  }

  /** Continues whatever is thrown, since only this thread completes futures. */
  private void run() {
    boolean ended = false;
    while (!ended) {
      try {
        deliverAll();
        ended = true;
      } catch (Throwable e) { // such as an OutOfMemoryError during logging
        Thrown.log(owner, () -> LOG.error("{}: the acknowledgement thread failed", owner, e));
      }
    }
  }

  private void deliverAll() {
    boolean busy = false;
    while (true) {
      boolean last = finishing; // read before the queue: nothing is offered after it is set
      Pending next = relay.poll();
      if (next != null) {
        deliver(next);
        busy = true;
      } else if (last) {
        return;
      } else if (busy) {
        busy = false;
        LockSupport.parkNanos(this, NAP_NS);
      } else {
        sleep();
      }
    }
  }

  private void deliver(Pending event) {
    try {
      event.deliver();
    } catch (Throwable e) {
      Thrown.log(
          owner,
          () -> LOG.error("{}: a continuation failed on the acknowledgement thread", owner, e));
    }
  }

  private void sleep() {
    // offer() adds and then reads asleep; here asleep is set and then the relay is read. So at
    // least one side sees the other's write.
    asleep = true;
    if (relay.waiting() == 0 && !finishing) {
      LockSupport.park(this);
    }
    asleep = false;
    // A continuation can interrupt this thread; park would then return immediately every time.
    if (Thread.interrupted()) {
      LOG.debug("The acknowledgement thread ignored an interrupt");
    }
  }
}
