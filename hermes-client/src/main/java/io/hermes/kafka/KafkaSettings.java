package io.hermes.kafka;

import io.hermes.SettingsException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where Kafka is and how to connect to it. Immutable, safe for any thread; {@link #toString}
 * contains no secrets.
 *
 * <pre>{@code
 * KafkaSettings settings = KafkaSettings.fromEnvironment();             // KAFKA_BROKER
 * KafkaSettings other = KafkaSettings.builder()
 *     .bootstrapServers("kafka-1:9092,kafka-2:9092")
 *     .property("client.id", "billing")
 *     .build();
 * }</pre>
 */
public final class KafkaSettings {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.kafka");
  private static final String DEFAULT_BROKER = "localhost:9092";
  private static final Duration DEFAULT_OPEN_TIMEOUT = Duration.ofSeconds(5);
  private static final Pattern ADDRESS =
      Pattern.compile("(?:[0-9A-Za-z._%-]+|\\[[0-9A-Fa-f:.%]+\\]):([0-9]{1,5})");
  private static final int MAX_PORT = 65_535;

  private static final Pattern PREFIX = Pattern.compile("(?!__)[a-zA-Z0-9._-]*");

  private final String bootstrapServers;
  private final Duration openTimeout;
  private final String topicPrefix;
  private final Map<String, Object> properties;
  private final KafkaClients clients;

  private KafkaSettings(Builder builder) {
    this.bootstrapServers = builder.bootstrapServers;
    this.openTimeout = builder.openTimeout;
    this.topicPrefix = builder.topicPrefix;
    this.properties = Map.copyOf(builder.properties);
    this.clients = builder.clients;
  }

  /**
   * Reads the settings from the environment: {@code KAFKA_BROKER}, one or more {@code host:port}
   * separated by commas, by default {@code localhost:9092}; {@code HERMES_TOPIC_PREFIX}, see {@link
   * Builder#topicPrefix}; and the security settings:
   *
   * <ul>
   *   <li>{@code KAFKA_SECURITY_PROTOCOL}: {@code PLAINTEXT} (default), {@code SSL}, {@code
   *       SASL_SSL} or {@code SASL_PLAINTEXT}
   *   <li>{@code KAFKA_SASL_MECHANISM}: {@code SCRAM-SHA-512}, {@code SCRAM-SHA-256}, {@code PLAIN}
   *       (over TLS only) or {@code OAUTHBEARER} (configure the rest with {@link Builder#property})
   *   <li>{@code KAFKA_SASL_USERNAME}, {@code KAFKA_SASL_PASSWORD}
   *   <li>{@code KAFKA_SSL_CA}: the certificate authorities to trust, instead of the JVM's own
   *   <li>{@code KAFKA_SSL_CERT}, {@code KAFKA_SSL_KEY}: this client's certificate and PKCS #8 key
   * </ul>
   *
   * <p>Pass password, CA, certificate and key as text (PEM for the last three). To read one from a
   * file, append {@code _FILE} to the variable's name and set it to the file's path.
   *
   * @return the settings
   * @throws SettingsException if a variable has an invalid value
   */
  public static KafkaSettings fromEnvironment() {
    return fromEnvironment(System.getenv());
  }

  /**
   * Like {@link #fromEnvironment()}, from the given environment.
   *
   * @param environment variables by name; unknown ones are ignored
   * @return the settings
   * @throws SettingsException if a variable has an invalid value
   */
  public static KafkaSettings fromEnvironment(Map<String, String> environment) {
    String broker = environment.getOrDefault("KAFKA_BROKER", "").trim();
    return builder()
        .addresses("KAFKA_BROKER", broker.isEmpty() ? DEFAULT_BROKER : broker)
        .prefix("HERMES_TOPIC_PREFIX", environment.getOrDefault("HERMES_TOPIC_PREFIX", "").trim())
        .properties(SecurityVariables.properties(environment))
        .build();
  }

  /**
   * Settings for plaintext connections, for example to a test broker. The environment is not read,
   * so a password or certificate set there is not used. To change only the address, call {@code
   * fromEnvironment().toBuilder().bootstrapServers(...)}.
   *
   * @param bootstrapServers one or more {@code host:port}, separated by commas
   * @return the settings
   * @throws SettingsException if the list is malformed
   */
  public static KafkaSettings of(String bootstrapServers) {
    return builder().bootstrapServers(bootstrapServers).build();
  }

  /**
   * Builds settings in code. The environment is not read.
   *
   * @return a new builder, for {@code localhost:9092}
   */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts with these settings. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.bootstrapServers = bootstrapServers;
    builder.openTimeout = openTimeout;
    builder.topicPrefix = topicPrefix;
    builder.properties.putAll(properties);
    builder.clients = clients;
    return builder;
  }

  /** The bootstrap addresses: {@code host:port}, separated by commas. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /** How long {@code open}, {@code start} and {@code connect} wait for a broker to respond. */
  public Duration openTimeout() {
    return openTimeout;
  }

  /** The prefix of all topics and groups on the cluster; empty by default. */
  public String topicPrefix() {
    return topicPrefix;
  }

  /** Whether clients connect with TLS. */
  boolean usesTls() {
    return String.valueOf(properties.get(AdminClientConfig.SECURITY_PROTOCOL_CONFIG))
        .toUpperCase(Locale.ROOT)
        .endsWith("SSL");
  }

  /** The factory of the clients. */
  public KafkaClients clients() {
    return clients;
  }

  /**
   * The properties for a producer: these settings, plus what Hermes sets for every producer.
   *
   * @param defaults properties that these settings may override
   * @return a new, mutable map
   */
  public Map<String, Object> producerProperties(Map<String, ?> defaults) {
    return properties(defaults, KnownProperties.PRODUCER, OwnedProperties.PRODUCER);
  }

  /** The properties for a consumer; see {@link #producerProperties}. */
  public Map<String, Object> consumerProperties(Map<String, ?> defaults) {
    return properties(defaults, KnownProperties.CONSUMER, OwnedProperties.CONSUMER);
  }

  /** The properties for an admin client; see {@link #producerProperties}. */
  public Map<String, Object> adminProperties(Map<String, ?> defaults) {
    return properties(defaults, KnownProperties.ADMIN, Map.of());
  }

  /**
   * The properties of one client type, without those that only other client types know: Kafka would
   * log warnings about them.
   */
  private Map<String, Object> properties(
      Map<String, ?> defaults, Set<String> known, Map<String, Object> owned) {
    Map<String, Object> result = new LinkedHashMap<>(defaults);
    properties.forEach(
        (name, value) -> {
          if (known.contains(name) || !KnownProperties.contains(name)) {
            result.put(name, value);
          }
        });
    result.putAll(owned);
    result.put("bootstrap.servers", bootstrapServers);
    return result;
  }

  /** The addresses, the prefix, and the names of the properties, without their values. */
  @Override
  public String toString() {
    return "KafkaSettings["
        + bootstrapServers
        + ", openTimeout="
        + Words.duration(openTimeout)
        + (topicPrefix.isEmpty() ? "" : ", topicPrefix=" + topicPrefix)
        + ", properties="
        + properties.keySet().stream().sorted().toList()
        + "]";
  }

  /** Builds {@link KafkaSettings}. Not thread-safe. */
  public static final class Builder {

    private String bootstrapServers = DEFAULT_BROKER;
    private Duration openTimeout = DEFAULT_OPEN_TIMEOUT;
    private String topicPrefix = "";
    private final Map<String, Object> properties = new TreeMap<>();
    private KafkaClients clients = KafkaClients.standard();

    private Builder() {}

    /**
     * The bootstrap addresses. Default: {@code localhost:9092}.
     *
     * @param addresses one or more {@code host:port}, separated by commas
     * @return this
     * @throws SettingsException if the list is malformed
     */
    public Builder bootstrapServers(String addresses) {
      return addresses("bootstrapServers", addresses);
    }

    private Builder addresses(String setting, String addresses) {
      for (String address : addresses.split(",", -1)) {
        if (!isAddress(address.trim())) {
          throw new SettingsException(
              setting + " is '" + addresses + "'.",
              "Set it to host:port, such as "
                  + DEFAULT_BROKER
                  + ", with a port from 1 to 65535, no protocol, and commas between several"
                  + " addresses.",
              null);
        }
      }
      this.bootstrapServers = addresses.replace(" ", "");
      return this;
    }

    private static boolean isAddress(String text) {
      Matcher address = ADDRESS.matcher(text);
      if (!address.matches()) {
        return false;
      }
      int port = Integer.parseInt(address.group(1));
      return port >= 1 && port <= MAX_PORT;
    }

    /**
     * How long to wait for a broker's first response. Default: 5 seconds.
     *
     * @param timeout more than zero
     * @return this
     */
    public Builder openTimeout(Duration timeout) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new SettingsException(
            "openTimeout is " + Words.duration(timeout) + "; it must be more than zero.", null);
      }
      this.openTimeout = timeout;
      return this;
    }

    /**
     * Prefixes every topic and group on the cluster, for environments that share a cluster. With
     * {@code staging.}, the contract's {@code user.events} is the topic {@code
     * staging.user.events}, its dead-letter topic is {@code staging.user.events-dlt}, and the group
     * {@code billing} is {@code staging.billing}. Default: none.
     *
     * <p>Pass names to Hermes without the prefix: contracts, topics, patterns, groups. A name that
     * already starts with the prefix is refused, so that it is not added twice. Everything that
     * Hermes reports, such as {@code EventRecord.topic()}, {@code config()}, health, logs and
     * metrics, includes the prefix. To pass those full names to Hermes, use settings without a
     * prefix, such as those of {@code config()}.
     *
     * @param prefix characters that Kafka allows in topic names: letters, digits, '.', '_', '-'
     * @return this
     * @throws SettingsException if it contains other characters, or starts with {@code __}, which
     *     is reserved for Kafka's internal topics
     */
    public Builder topicPrefix(String prefix) {
      return prefix("topicPrefix", prefix);
    }

    private Builder prefix(String setting, String prefix) {
      if (!PREFIX.matcher(prefix).matches()) {
        throw new SettingsException(
            setting + " is '" + prefix + "'.",
            "Use letters, digits, '.', '_' and '-' only, such as 'staging.', and no '__' at"
                + " its start.",
            null);
      }
      this.topicPrefix = prefix;
      return this;
    }

    /**
     * Sets any property of Kafka's clients. Each client gets only the properties that it knows. A
     * name that no Kafka client knows is passed to all of them, for an interceptor or a callback
     * handler; if it resembles one of Kafka's names, a warning suggests that name.
     *
     * <p>{@code client.id} is a prefix: the client's role and a number are appended to it, as in
     * {@code billing-publisher-1}.
     *
     * <p>A class given by name is loaded by the class loader that loaded Hermes. If only another
     * class loader can see it, pass the {@code Class} itself.
     *
     * @param name such as {@code client.id}
     * @param value its value
     * @return this
     * @throws SettingsException if Hermes sets that property itself; the message says why
     */
    public Builder property(String name, Object value) {
      OwnedProperties.refuse(name);
      properties.put(name, Objects.requireNonNull(value, name));
      String meant = KnownProperties.meantBy(name);
      if (meant != null) {
        LOG.warn("Settings: Kafka's clients have no property {}. Did you mean {}?", name, meant);
      }
      return this;
    }

    /** Sets several properties; see {@link #property}. */
    public Builder properties(Map<String, ?> several) {
      several.forEach(this::property);
      return this;
    }

    /** The factory of the clients. Default: {@link KafkaClients#standard()}. */
    public Builder clients(KafkaClients factory) {
      this.clients = Objects.requireNonNull(factory);
      return this;
    }

    /** The settings. */
    public KafkaSettings build() {
      return new KafkaSettings(this);
    }
  }
}
