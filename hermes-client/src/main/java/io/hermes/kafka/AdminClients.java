package io.hermes.kafka;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;

/** Creates admin clients whose requests time out early enough to ask another broker. Stateless. */
final class AdminClients {

  private AdminClients() {}

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
