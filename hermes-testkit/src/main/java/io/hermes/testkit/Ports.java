package io.hermes.testkit;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Free ports on 127.0.0.1, each handed out once in this JVM. Safe for any thread.
 *
 * <p>They lie below the range from which operating systems give ports to outgoing connections.
 * Otherwise, while a broker is down, a client that tries to reconnect could be given the broker's
 * own port, even connect to itself, and the broker could not come back.
 */
final class Ports {

  private static final int LOWEST = 15_000;
  private static final int BEYOND_HIGHEST = 32_000;
  private static final int ATTEMPTS = 1_000;
  private static final Set<Integer> HANDED_OUT = ConcurrentHashMap.newKeySet();

  private Ports() {}

  /** A port that was free a moment ago; another process may still be quicker to bind it. */
  static int free() {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, BEYOND_HIGHEST);
      if (HANDED_OUT.add(port)) {
        if (isFree(port)) {
          return port;
        }
        HANDED_OUT.remove(port);
      }
    }
    throw new KafkaStartException(
        "No free port on 127.0.0.1 from " + LOWEST + " on, in " + ATTEMPTS + " attempts.", null);
  }

  /** Lets {@link #free()} hand out the port again. */
  static void giveBack(int port) {
    HANDED_OUT.remove(port);
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      // As Kafka does: connections of an earlier broker that linger in TIME_WAIT do not matter.
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
