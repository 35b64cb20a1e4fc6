package io.hermes.spring;

import io.hermes.kafka.KafkaClients;
import io.hermes.kafka.KafkaSettings;
import io.hermes.spring.ClusterProperties.Role;
import io.hermes.spring.Connections.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** The Kafka clusters of the application, and how to connect to them. Immutable and thread-safe. */
final class Clusters {

  static final String SPRING_KAFKA = "spring.kafka";

  /** The name of the cluster of {@code spring.kafka}. */
  static final String DEFAULT = "";

  private final Map<String, Map<Role, KafkaSettings>> settings = new HashMap<>();
  private final Map<String, ReloadableBundle> bundles = new HashMap<>(); // by name
  private final Optional<String> groupId;
  private final Optional<String> autoOffsetReset;

  /**
   * The inputs to the configuration of clusters.
   *
   * @param connections overrides the properties of {@code spring.kafka}; null if absent
   * @param bundles the SSL bundles; null if absent
   * @param clients creates Kafka's clients; null for the standard ones
   */
  record Parts(
      @Nullable Connections connections,
      @Nullable SslBundles bundles,
      @Nullable KafkaClients clients) {}

  /** Reads and checks the properties of all clusters. */
  Clusters(Binder binder, HermesProperties properties, Parts parts) {
    Map<String, String> flat =
        binder
            .bind(SPRING_KAFKA, Bindable.mapOf(String.class, String.class))
            .orElseGet(LinkedHashMap::new);
    boolean leaves = properties.isLeaveToSpringKafka();
    Connections connections = parts.connections;
    boolean says = connections != null || hasBootstrapServers(flat);
    ClusterProperties ofSpring =
        new ClusterProperties(
            SPRING_KAFKA,
            flat,
            says ? KafkaSettings::builder : () -> KafkaSettings.fromEnvironment().toBuilder(),
            leaves);
    binder
        .bind("spring.application.name", String.class)
        .ifBound(name -> nameClients(ofSpring.settings(Role.PUBLISHER), name));
    this.groupId = ofSpring.groupId();
    this.autoOffsetReset = ofSpring.autoOffsetReset();
    settings.put(DEFAULT, both(SPRING_KAFKA, ofSpring, properties, parts, connections));
    properties
        .getClusters()
        .forEach(
            (name, values) -> {
              String prefix = "hermes.clusters." + name;
              ClusterProperties own =
                  new ClusterProperties(prefix, values, KafkaSettings::builder, false);
              for (Role role : Role.values()) {
                if (own.bootstrapServers(role).isEmpty()) {
                  throw new InvalidPropertyException(
                      "The cluster " + name + " has no " + prefix + ".bootstrap-servers.",
                      "Set it to host:port, with commas between several addresses.",
                      null);
                }
              }
              settings.put(name, both(prefix, own, properties, parts, null));
            });
  }

  /** Uses the application's name as the client id, unless a property sets one. */
  private static void nameClients(KafkaSettings.Builder builder, String application) {
    if (!builder.build().producerProperties(Map.of()).containsKey("client.id")) {
      builder.property("client.id", application);
    }
  }

  private static boolean hasBootstrapServers(Map<String, String> flat) {
    return flat.keySet().stream()
        .anyMatch(name -> KafkaPropertyNames.plain(name).contains("bootstrapservers"));
  }

  private Map<Role, KafkaSettings> both(
      String prefix,
      ClusterProperties cluster,
      HermesProperties properties,
      Parts parts,
      @Nullable Connections connections) {
    Map<Role, KafkaSettings> both = new HashMap<>();
    for (Role role : Role.values()) {
      KafkaSettings.Builder builder = cluster.settings(role);
      cluster.connect(role);
      cluster
          .sslBundle(role)
          .ifPresent(name -> secure(builder, bundle(name, prefix + ".ssl.bundle", parts)));
      if (connections != null) {
        connect(builder, connections.of(role));
      }
      if (parts.clients != null) {
        builder.clients(parts.clients);
      }
      Duration open = properties.getOpenTimeout();
      if (open != null) {
        SpringWords.apply("openTimeout", "hermes.open-timeout", () -> builder.openTimeout(open));
      }
      String topics = properties.getTopicPrefix();
      if (topics != null) {
        SpringWords.apply("topicPrefix", "hermes.topic-prefix", () -> builder.topicPrefix(topics));
      }
      both.put(role, builder.build());
    }
    return both;
  }

  /** Returns the bundle of that name, shared by all clients that use it. */
  private ReloadableBundle bundle(String name, String property, Parts parts) {
    return bundles.computeIfAbsent(
        name, unknown -> ReloadableBundle.of(name, property, parts.bundles));
  }

  private static void connect(KafkaSettings.Builder builder, Connection connection) {
    SpringWords.apply(
        "bootstrapServers",
        "The address of the KafkaConnectionDetails bean",
        () -> builder.bootstrapServers(String.join(",", connection.bootstrapServers())));
    SslBundle bundle = connection.bundle();
    if (bundle != null) {
      secure(builder, new ReloadableBundle("of the connection", "KafkaConnectionDetails", bundle));
    }
    if (connection.protocol() != null) {
      builder.property("security.protocol", connection.protocol());
    }
  }

  private static void secure(KafkaSettings.Builder builder, ReloadableBundle bundle) {
    builder.property("ssl.engine.factory.class", BundleSslEngineFactory.class);
    builder.property(BundleSslEngineFactory.BUNDLE, bundle);
    if (!"SASL_SSL".equals(protocol(builder))) {
      builder.property("security.protocol", "SSL"); // a bundle is only used with TLS
    }
  }

  private static String protocol(KafkaSettings.Builder builder) {
    return String.valueOf(builder.build().adminProperties(Map.of()).get("security.protocol"));
  }

  /**
   * Returns the settings for a cluster.
   *
   * @param cluster its name; {@link #DEFAULT} for that of {@code spring.kafka}
   * @param owner what names the cluster, for the error
   */
  KafkaSettings settings(String cluster, Role role, String owner) {
    Map<Role, KafkaSettings> both = settings.get(cluster);
    KafkaSettings found = both == null ? null : both.get(role);
    if (found == null) {
      throw new InvalidPropertyException(
          owner + " names the cluster '" + cluster + "', which does not exist.",
          "Define hermes.clusters." + cluster + ".bootstrap-servers, or correct the name.",
          null);
    }
    return found;
  }

  /** {@code spring.kafka.consumer.group-id}. */
  Optional<String> groupId() {
    return groupId;
  }

  /** {@code spring.kafka.consumer.auto-offset-reset}. */
  Optional<String> autoOffsetReset() {
    return autoOffsetReset;
  }
}
