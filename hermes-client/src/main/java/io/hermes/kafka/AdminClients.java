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
 * Creates admin clients whose requests time out early enough to ask another broker, and waits for
 * their answers. Stateless.
 */
public final class AdminClients {

  private AdminClients() {}

  /**
   * Waits for an answer.
   *
   * @param timeoutMs that of the request
   * @param where the bootstrap servers, for the message
   * @param topic what was asked about; null if no topic
   * @throws HermesException what Kafka reports, translated
   */
  public static <T> T await(
      KafkaFuture<T> answer, long timeoutMs, String where, @Nullable String topic) {
    try {
      // Kafka has the same deadline and a better message, so give it a moment to fail first.
      return answer.get(timeoutMs + 500, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw KafkaFailures.unavailable(where, null, e);
    } catch (ExecutionException | InterruptedException | RuntimeException e) {
      throw KafkaFailures.translate(e, where, topic);
    }
  }

  /**
   * Kafka resolves host names only once, in the constructor; a name may become resolvable a moment
   * later.
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
        // Leaves time to ask two other brokers if one does not respond.
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
