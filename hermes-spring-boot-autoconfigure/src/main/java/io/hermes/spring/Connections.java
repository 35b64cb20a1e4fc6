package io.hermes.spring;

import io.hermes.spring.ClusterProperties.Role;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

/** How to connect to the cluster of {@code spring.kafka}; overrides the properties. */
@FunctionalInterface
interface Connections {

  /**
   * A connection.
   *
   * @param bootstrapServers each {@code host:port}
   * @param bundle for TLS; null without TLS
   * @param protocol Kafka's security protocol; null if the properties define it
   */
  record Connection(
      List<String> bootstrapServers, @Nullable SslBundle bundle, @Nullable String protocol) {}

  /** Returns how the clients of a role connect. */
  Connection of(Role role);
}
