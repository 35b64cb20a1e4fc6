package io.hermes.cli.console;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C or SIGTERM as a request for a clean shutdown: the JVM waits for the command, which closes
 * its resources and prints its summary. The process then exits with 130 or 143, as shells expect.
 * Safe for any thread.
 */
public final class Stop {

  private static final long PATIENCE_S = 35; // longer than closing ever takes

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Installs the signal handling. */
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

  /** The command has finished, so the JVM no longer needs to wait for it. */
  public void commandEnded() {
    ended.countDown();
  }

  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /**
   * Waits for the request.
   *
   * @return whether it arrived within that time
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
