package io.hermes.spring;

import java.time.Duration;

/**
 * Divides Spring Boot's timeout for a shutdown phase among subscribers, which close first, the
 * outbox's relay, and publishers, which close last. Thread-safe.
 */
final class ShutdownBudget {

  private static final Duration LONGEST_RESERVE = Duration.ofSeconds(3);
  private static final Duration LEAST = Duration.ofSeconds(1);

  private final Duration whole;
  private volatile long beganNs;
  private volatile boolean begun;

  /** Creates a budget of {@code spring.lifecycle.timeout-per-shutdown-phase}. */
  ShutdownBudget(Duration whole) {
    this.whole = whole;
  }

  /** Resets the budget when the application starts, possibly again. */
  void renew() {
    begun = false;
  }

  private Duration left() {
    if (!begun) {
      beganNs = System.nanoTime();
      begun = true;
    }
    return whole.minusNanos(System.nanoTime() - beganNs);
  }

  /**
   * Returns the subscribers' share; the rest is reserved for events that the last handlers publish.
   */
  Duration ofSubscribers() {
    return atLeast(left().minus(reserve()));
  }

  private Duration reserve() {
    Duration fifth = whole.dividedBy(5);
    return fifth.compareTo(LONGEST_RESERVE) < 0 ? fifth : LONGEST_RESERVE;
  }

  /**
   * Returns the relay's share: half of that reserve. Rows that it does not finish are published
   * again.
   */
  Duration ofRelay() {
    Duration half = reserve().dividedBy(2);
    return left().compareTo(half) < 0 ? LEAST.dividedBy(2) : half;
  }

  /** Returns the publishers' share: all remaining time. */
  Duration ofPublishers() {
    return atLeast(left());
  }

  private static Duration atLeast(Duration time) {
    return time.compareTo(LEAST) < 0 ? LEAST : time;
  }
}
