package io.hermes.testkit;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/** The testkit's own connections to the brokers, and how it waits for their responses. */
final class Admins {

  private static final long POLL_MS = 10;

  private Admins() {}

  /** Connects. A request that gets no response within three seconds goes to another broker. */
  static Admin connect(String bootstrapServers) {
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            AdminClientConfig.CLIENT_ID_CONFIG,
            "hermes-testkit",
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            3_000,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            30_000));
  }

  /**
   * Waits for a response until a deadline.
   *
   * @param what the expected result, for error messages
   * @throws KafkaException the error that Kafka reports
   * @throws TimeoutException if there is no response by then
   */
  static <T> T await(Future<T> future, long deadlineNs, String what) {
    try {
      return future.get(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new KafkaException(e);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException("Timed out waiting for " + what + ".", e);
    } catch (InterruptedException e) {
      throw new InterruptException(e); // restores the thread's interrupt flag
    }
  }

  /**
   * Pauses briefly before the next query.
   *
   * @throws TimeoutException if the deadline has passed
   */
  static void pause(long deadlineNs, String what) {
    if (System.nanoTime() - deadlineNs > 0) {
      throw new TimeoutException("Timed out waiting for " + what + ".");
    }
    try {
      Thread.sleep(POLL_MS);
    } catch (InterruptedException e) {
      throw new InterruptException(e); // restores the thread's interrupt flag
    }
  }
}
