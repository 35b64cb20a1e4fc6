package io.hermes.spring;

import io.hermes.Fault;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberHealth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A subscriber that the application starts and stops, possibly several times, since Spring pauses
 * cached test contexts. It joins its group in the background, and retries until that succeeds.
 * Thread-safe.
 */
final class ManagedSubscriber {

  private final String group;
  private final boolean startsItself;
  private final Supplier<HermesSubscriber> builder;
  private final Consumer<HermesSubscriber> beforeStart;
  private volatile Running running; // written under this
  private boolean begun; // under this, as is the next
  private boolean closed;

  /** One subscriber, which can be started only once, and the attempts to start it. */
  private record Running(HermesSubscriber subscriber, Attempts attempts) {}

  /**
   * Creates the subscriber of one group.
   *
   * @param startsItself whether it starts with the application
   * @param builder builds a subscriber that is not yet started
   * @param beforeStart called before each attempt to start it, on the starting thread
   */
  ManagedSubscriber(
      String group,
      boolean startsItself,
      Supplier<HermesSubscriber> builder,
      Consumer<HermesSubscriber> beforeStart) {
    this.group = group;
    this.startsItself = startsItself;
    this.builder = builder;
    this.beforeStart = beforeStart;
    this.running = build();
  }

  private Running build() {
    HermesSubscriber subscriber = builder.get();
    return new Running(subscriber, new Attempts("Group " + group, () -> join(subscriber)));
  }

  private void join(HermesSubscriber subscriber) {
    if (subscriber.health().state() == SubscriberHealth.State.NEW) {
      beforeStart.accept(subscriber);
      subscriber.start();
    }
  }

  /** Starts it, unless it has already been started. */
  synchronized void begin() {
    if (closed) {
      running = build();
      closed = false;
      begun = false;
    }
    if (!begun) {
      begun = true;
      running.attempts.begin();
    }
  }

  boolean startsItself() {
    return startsItself;
  }

  /** Whether it has not been started and does not start with the application. */
  synchronized boolean isUnused() {
    return !startsItself && !begun;
  }

  HermesSubscriber subscriber() {
    return running.subscriber;
  }

  /** Returns the faults that keep it from starting or, once started, from working. */
  List<Fault> faults() {
    Running now = running;
    List<Fault> faults = new ArrayList<>(now.attempts.faults());
    faults.addAll(now.subscriber.health().faults());
    return faults;
  }

  /** Whether it has joined its group and is healthy. */
  boolean isReady() {
    SubscriberHealth health = running.subscriber.health();
    return health.isHealthy() && health.joined();
  }

  /** Closes it; returns whether all handlers ended in time. */
  boolean close(Duration timeout) {
    Running last;
    synchronized (this) {
      closed = true;
      last = running;
    }
    last.attempts.end();
    return last.subscriber.close(timeout);
  }
}
