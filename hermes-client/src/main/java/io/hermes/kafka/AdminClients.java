package io.hermes.kafka;

import io.hermes.HermesException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.jspecify.annotations.Nullable;

/**
 * Creates admin clients whose requests time out early enough to try another broker, and waits for
 * their responses. Stateless.
 */
public final class AdminClients {

  private AdminClients() {}

  /**
   * Waits for a response.
   *
   * @param timeoutMs the request's timeout
   * @param where the bootstrap servers, for the message
   * @param topic the topic of the request; null if none
   * @throws HermesException what Kafka reports, translated
   */
  public static <T> T await(
      KafkaFuture<T> answer, long timeoutMs, String where, @Nullable String topic) {
    try {
      // Kafka's client has the same deadline and may know another reason: let it fail first.
      return answer.get(timeoutMs + 500, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw noResponse(where, timeoutMs, e);
    } catch (ExecutionException | InterruptedException | RuntimeException e) {
      Throwable cause = Thrown.unwrap(e);
      throw cause instanceof org.apache.kafka.common.errors.TimeoutException
          ? noResponse(where, timeoutMs, cause)
          : KafkaFailures.translate(e, where, topic);
    }
  }

  /** Names the time limit. Kafka's message names one of its own calls instead. */
  private static HermesException noResponse(String where, long timeoutMs, Throwable cause) {
    long seconds = (timeoutMs + 999) / 1_000; // what the caller had left of its time limit
    return KafkaFailures.unavailable(where, " within " + seconds + " s", cause);
  }

  /**
   * Creates a client, and retries while host names cannot be resolved: Kafka resolves them only
   * once, in the constructor.
   */
  static Admin open(KafkaSettings settings, String addresses, long deadlineNs) {
    Map<String, Object> config =
        settings.adminProperties(
            Map.of(
                // Longer than the retry backoff, so that the retry goes to another broker.
                AdminClientConfig.RECONNECT_BACKOFF_MS_CONFIG,
                250L,
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                1_000L));
    config.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, addresses);
    ClientIds.assign(config, "admin");
    config.merge(
        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
        // Leaves time to try two other brokers if one does not respond.
        (int) Math.min(10_000, Math.max(1, Timeouts.nanos(settings.openTimeout()) / 3_000_000)),
        (given, third) -> Math.min(Integer.parseInt(given.toString()), (int) third));
    while (true) {
      try {
        return settings.clients().admin(config);
      } catch (KafkaException e) {
        boolean over = System.nanoTime() - deadlineNs > 0 || Thread.currentThread().isInterrupted();
        if (over || !KafkaFailures.isUnresolvable(e)) {
          throw KafkaFailures.translate(e, settings.bootstrapServers(), null);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
    }
  }
}
