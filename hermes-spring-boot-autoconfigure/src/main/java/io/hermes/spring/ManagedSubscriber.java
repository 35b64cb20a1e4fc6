package io.hermes.spring;

import io.hermes.Fault;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.SubscriberHealth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A subscriber that the application starts and stops. It joins its group in the background, and
 * tries again until that succeeds. Safe for any thread.
 */
final class ManagedSubscriber {

  private final String group;
  private final HermesSubscriber subscriber;
  private final Attempts attempts;

  ManagedSubscriber(String group, HermesSubscriber subscriber) {
    this.group = group;
    this.subscriber = subscriber;
    this.attempts = new Attempts("Group " + group, this::join);
  }

  private void join() {
    if (subscriber.health().state() == SubscriberHealth.State.NEW) {
      subscriber.start();
    }
  }

  void begin() {
    attempts.begin();
  }

  String group() {
    return group;
  }

  HermesSubscriber subscriber() {
    return subscriber;
  }

  /** What keeps it from starting, and what keeps it from working once it has started. */
  List<Fault> faults() {
    List<Fault> faults = new ArrayList<>(attempts.faults());
    faults.addAll(subscriber.health().faults());
    return faults;
  }

  /** Whether it handles what it should: it is in its group, and nothing is wrong. */
  boolean isReady() {
    SubscriberHealth health = subscriber.health();
    return health.isHealthy() && health.joined();
  }

  /** Closes it; returns whether all handlers ended in time. */
  boolean close(Duration timeout) {
    attempts.end();
    return subscriber.close(timeout);
  }
}
