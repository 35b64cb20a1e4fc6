package io.hermes.testkit;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Allocates free ports on 127.0.0.1, each only once in all test JVMs of this user ({@link
 * PortLocks}). Safe for any thread.
 *
 * <p>The ports are below the ephemeral port range of operating systems. Otherwise, while a broker
 * is down, a reconnecting client could get the broker's own port as its local port, even connect to
 * itself, and the broker could not restart.
 */
final class Ports {

  private static final int LOWEST = 15_000;
  private static final int BEYOND_HIGHEST = 32_000;
  private static final int ATTEMPTS = 1_000;
  private static final PortLocks LOCKS =
      new PortLocks(
          Path.of(
              System.getProperty("java.io.tmpdir"),
              "hermes-testkit-" + System.getProperty("user.name") + ".ports"));

  private Ports() {}

  /** A port that was free a moment ago; another process may still bind it first. */
  static int free() {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, BEYOND_HIGHEST);
      if (LOCKS.take(port)) {
        if (isFree(port)) {
          return port;
        }
        LOCKS.release(port);
      }
    }
    throw new KafkaStartException(
        "Found no free port on 127.0.0.1 from " + LOWEST + " in " + ATTEMPTS + " attempts.", null);
  }

  /** Releases a port, so that {@link #free()} can return it again. */
  static void giveBack(int port) {
    LOCKS.release(port);
  }

  /** Whether {@link #free()} has allocated this port in this JVM. */
  static boolean isAllocated(int port) {
    return LOCKS.has(port);
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      // Like Kafka, so that connections of an earlier broker in TIME_WAIT do not matter.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
      return true;
    } catch (IOException inUse) {
      return false;
    }
  }

  static boolean isBindFailure(Throwable failure) {
    for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof BindException) {
        return true;
      }
    }
    return false;
  }
}
