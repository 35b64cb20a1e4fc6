package io.hermes.kafka;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * Client ids that identify a client's owner and are unique in this JVM: {@code
 * <prefix>-<role>-<number>}. The prefix is the configured {@code client.id}; without one it is the
 * group for the clients of a subscriber, and {@code hermes} for all others. Numbers count from 1
 * for each prefix and role. Kafka registers its metrics (JMX) under the client id, so two clients
 * with the same id would replace each other's metrics. Safe for any thread.
 */
public final class ClientIds {

  private static final String DEFAULT_PREFIX = "hermes";

  private static final ConcurrentMap<String, AtomicInteger> COUNTS = new ConcurrentHashMap<>();

  private ClientIds() {}

  /**
   * Puts a new client id into the properties of one client.
   *
   * @param properties the client's properties, with the configured {@code client.id} if any
   * @param role what the client does, such as {@code publisher}; without a dash
   * @return the client id
   */
  public static String assign(Map<String, Object> properties, String role) {
    String stem = prefix(properties, DEFAULT_PREFIX) + "-" + role;
    int number = COUNTS.computeIfAbsent(stem, first -> new AtomicInteger()).incrementAndGet();
    String id = stem + "-" + number;
    properties.put(AdminClientConfig.CLIENT_ID_CONFIG, id);
    return id;
  }

  /**
   * Settings for the clients of a subscriber.
   *
   * @param settings the user's settings
   * @param group the subscriber's group
   * @return the same settings, with the group as {@code client.id} unless one is configured
   */
  public static KafkaSettings ofGroup(KafkaSettings settings, String group) {
    String prefix = prefix(settings.adminProperties(Map.of()), group);
    return settings.toBuilder().property(AdminClientConfig.CLIENT_ID_CONFIG, prefix).build();
  }

  private static String prefix(Map<String, Object> properties, String otherwise) {
    String configured =
        String.valueOf(properties.getOrDefault(AdminClientConfig.CLIENT_ID_CONFIG, ""));
    return configured.isBlank() ? otherwise : configured;
  }
}
