package io.hermes.subscribe;

import java.time.Duration;

/** A point in time that may be set later. The poll thread sets it; any thread reads it. */
final class Deadline {

  private static final Duration ENDLESS = Duration.ofNanos(Long.MAX_VALUE);

  private volatile boolean known;
  private volatile long atNs;

  void set(long nanoTime) {
    atNs = nanoTime;
    known = true;
  }

  Duration remaining() {
    if (!known) {
      return ENDLESS;
    }
    return Duration.ofNanos(Math.max(0, atNs - System.nanoTime()));
  }
}
