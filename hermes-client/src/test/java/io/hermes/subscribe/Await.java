package io.hermes.subscribe;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** Waits for what comes about by other threads. */
final class Await {

  private Await() {}

  static void until(String what, Callable<Boolean> condition) throws Exception {
    until(what, Duration.ofSeconds(30), condition);
  }

  static void until(String what, Duration timeout, Callable<Boolean> condition) throws Exception {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - deadlineNs > 0) {
        throw new AssertionError("Not within " + timeout + ": " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  static void latch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
