package io.hermes.spring;

import java.time.Duration;

/**
 * Shares the time that Spring Boot gives a phase of the shutdown between subscribers, which close
 * first, the relay of the outbox, and publishers, which close last. Safe for any thread.
 */
final class ShutdownBudget {

  private static final Duration LONGEST_RESERVE = Duration.ofSeconds(3);
  private static final Duration LEAST = Duration.ofSeconds(1);

  private final Duration whole;
  private volatile long beganNs;
  private volatile boolean begun;

  /** A budget of {@code spring.lifecycle.timeout-per-shutdown-phase}. */
  ShutdownBudget(Duration whole) {
    this.whole = whole;
  }

  /** The application starts, possibly again: the next shutdown has all the time. */
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

  /** What subscribers have, so that something is left for the events of the last handlers. */
  Duration ofSubscribers() {
    return atLeast(left().minus(reserve()));
  }

  private Duration reserve() {
    Duration fifth = whole.dividedBy(5);
    return fifth.compareTo(LONGEST_RESERVE) < 0 ? fifth : LONGEST_RESERVE;
  }

  /** What the outbox's relay has: half of that. What it does not finish is published again. */
  Duration ofRelay() {
    Duration half = reserve().dividedBy(2);
    return left().compareTo(half) < 0 ? LEAST.dividedBy(2) : half;
  }

  /** What publishers have: all that is left. */
  Duration ofPublishers() {
    return atLeast(left());
  }

  private static Duration atLeast(Duration time) {
    return time.compareTo(LEAST) < 0 ? LEAST : time;
  }
}
