package io.hermes.spring;

import io.hermes.spring.ClusterProperties.Role;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

/** Where the cluster of {@code spring.kafka} is, if not the properties say it. */
@FunctionalInterface
interface Connections {

  /**
   * A connection.
   *
   * @param bootstrapServers each {@code host:port}
   * @param bundle for TLS; null without
   * @param protocol Kafka's security protocol; null if the properties say it
   */
  record Connection(
      List<String> bootstrapServers, @Nullable SslBundle bundle, @Nullable String protocol) {}

  /** How the clients of a role connect. */
  Connection of(Role role);
}
