package io.hermes.cli.broker;

import io.hermes.HermesException;
import io.hermes.cli.console.Console;
import io.hermes.kafka.AdminClients;
import io.hermes.kafka.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;

/**
 * Whether an operator manages the topics and users of a cluster. Kafka does not record that for a
 * topic or an ACL, but Strimzi can be recognized by the broker's configuration.
 */
enum ClusterOwner {
  /** No operator. */
  NONE,
  /** Strimzi runs the brokers. */
  STRIMZI,
  /** The principal may not see the brokers' configuration. */
  UNSEEN;

  /** The listener that every node configured by Strimzi has, and no other node. */
  private static final String STRIMZI_LISTENER = "CONTROLPLANE-9090:";

  private static final String LISTENERS = "listener.security.protocol.map";

  /**
   * Refuses to change what an operator manages.
   *
   * @param what what the operator creates, such as "Topic Operator creates topics"
   * @param command the command that writes its resources
   * @throws HermesException if Strimzi runs the brokers
   */
  static void refuseIfOperated(
      KafkaSettings settings, Console console, String what, String command) {
    ClusterOwner owner = of(settings);
    if (owner == STRIMZI) {
      throw new HermesException(
          "Strimzi runs the brokers at " + settings.bootstrapServers() + ": its " + what + ".",
          "Apply the output of '"
              + command
              + "' with kubectl, or add --no-operator"
              + " if the cluster has no operator.",
          null,
          false);
    }
    if (owner == UNSEEN) {
      console.say(
          "Could not check whether an operator manages this cluster: that needs"
              + " DESCRIBE_CONFIGS on the cluster.");
    }
  }

  private static ClusterOwner of(KafkaSettings settings) {
    long timeoutMs = settings.openTimeout().toMillis();
    String where = settings.bootstrapServers();
    Admin admin = settings.clients().admin(settings.adminProperties(Map.of()));
    try {
      Node broker =
          AdminClients.await(admin.describeCluster().nodes(), timeoutMs, where, null)
              .iterator()
              .next();
      ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, broker.idString());
      var configurations = admin.describeConfigs(List.of(resource)).all();
      ConfigEntry entry =
          AdminClients.await(configurations, timeoutMs, where, null)
              .values()
              .iterator()
              .next()
              .get(LISTENERS);
      boolean strimzi =
          entry != null && entry.value() != null && entry.value().contains(STRIMZI_LISTENER);
      return strimzi ? STRIMZI : NONE;
    } catch (HermesException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return UNSEEN;
      }
      throw e;
    } finally {
      admin.close(Duration.ofSeconds(1));
    }
  }
}
