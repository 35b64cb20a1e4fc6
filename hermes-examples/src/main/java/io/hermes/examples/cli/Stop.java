package io.hermes.examples.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C or SIGTERM as a request to end in order: the JVM waits for the command, which closes what
 * it opened and prints its summary. The process then ends with 130 or 143, as shells expect it.
 * Safe for any thread.
 */
final class Stop {

  private static final long PATIENCE_S = 35; // longer than anything takes to close

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Watches for the signals. */
  static Stop onSignals() {
    Stop stop = new Stop();
    Runtime.getRuntime().addShutdownHook(new Thread(stop::requestAndWait, "hermes-stop"));
    return stop;
  }

  private void requestAndWait() {
    request();
    try {
      ended.await(PATIENCE_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void request() {
    requested.countDown();
  }

  /** The command is over: the JVM need not wait for it any more. */
  void commandEnded() {
    ended.countDown();
  }

  boolean isRequested() {
    return requested.getCount() == 0;
  }

  /**
   * Waits for the request.
   *
   * @return whether it came within that time
   */
  boolean await(long timeout, TimeUnit unit) {
    try {
      return requested.await(timeout, unit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
