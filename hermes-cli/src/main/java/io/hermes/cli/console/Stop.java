package io.hermes.cli.console;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C or SIGTERM as a request to end in order: the JVM waits for the command, which closes what
 * it opened and prints its summary. The process then ends with 130 or 143, as shells expect it.
 * Safe for any thread.
 */
public final class Stop {

  private static final long PATIENCE_S = 35; // longer than anything takes to close

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Watches for the signals. */
  public static Stop onSignals() {
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

  public void request() {
    requested.countDown();
  }

  /** The command is over: the JVM need not wait for it any more. */
  public void commandEnded() {
    ended.countDown();
  }

  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /**
   * Waits for the request.
   *
   * @return whether it came within that time
   */
  public boolean await(long timeout, TimeUnit unit) {
    try {
      return requested.await(timeout, unit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
