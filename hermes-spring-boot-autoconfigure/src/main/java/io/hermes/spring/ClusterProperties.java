package io.hermes.spring;

import io.hermes.SettingsException;
import io.hermes.kafka.KafkaSettings;
import io.hermes.spring.KafkaPropertyNames.Meaning;
import io.hermes.spring.KafkaPropertyNames.Meaning.Apart;
import io.hermes.spring.KafkaPropertyNames.Meaning.Converted;
import io.hermes.spring.KafkaPropertyNames.Meaning.Foreign;
import io.hermes.spring.KafkaPropertyNames.Meaning.Owned;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The properties of one cluster, under the names that Spring Boot uses below {@code spring.kafka}.
 * Not thread-safe.
 */
final class ClusterProperties {

  /** Whether a publisher's or a subscriber's clients connect. */
  enum Role {
    PUBLISHER("producer"),
    SUBSCRIBER("consumer");

    private final String section;

    Role(String section) {
      this.section = section;
    }

    private boolean has(String name) {
      return name.startsWith(section + ".");
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.spring");

  /** Kafka's own names are below {@code properties}. */
  private static final Pattern RAW =
      Pattern.compile("(?:(consumer|producer)\\.)?properties\\.(.+)");

  private static final Pattern ELEMENT_OF_LIST = Pattern.compile("[.\\[]\\d+]?$");

  /** Accepted values of properties that Hermes owns, since Hermes sets the same values. */
  private static final Map<String, Set<String>> AGREEING =
      Map.of(
          "acks", Set.of("all", "-1"),
          "enable.auto.commit", Set.of("false"),
          "enable.idempotence", Set.of("true"),
          "isolation.level", Set.of("read_committed", "read-committed"),
          "retries", Set.of(String.valueOf(Integer.MAX_VALUE)));

  private final String prefix;
  private final boolean leavesOwned;
  private final Map<String, String> apart = new HashMap<>(); // by plain name
  private final Map<Role, KafkaSettings.Builder> settings = new EnumMap<>(Role.class);

  /**
   * Reads properties.
   *
   * @param prefix their prefix, such as {@code spring.kafka}
   * @param flat their values by name below the prefix; list elements have an index
   * @param base creates the settings that they change
   * @param leavesOwned whether to leave properties that Hermes refuses to spring-kafka
   * @throws InvalidPropertyException if a property contradicts a guarantee or is malformed
   */
  ClusterProperties(
      String prefix,
      Map<String, String> flat,
      Supplier<KafkaSettings.Builder> base,
      boolean leavesOwned) {
    this.prefix = prefix;
    this.leavesOwned = leavesOwned;
    Map<String, String> whole = joinLists(flat);
    // A role's properties override the common ones, so they are read last. The common ones are read
    // once, since reading them logs warnings about typos.
    KafkaSettings.Builder common = base.get();
    whole.forEach((name, value) -> readIf(!isOfRole(name), name, value, common));
    for (Role role : Role.values()) {
      KafkaSettings.Builder own = common.build().toBuilder();
      whole.forEach((name, value) -> readIf(role.has(name), name, value, own));
      settings.put(role, own);
    }
  }

  private static Map<String, String> joinLists(Map<String, String> flat) {
    Map<String, String> whole = new LinkedHashMap<>();
    flat.forEach(
        (name, value) ->
            whole.merge(
                RAW.matcher(name).matches() ? name : ELEMENT_OF_LIST.matcher(name).replaceFirst(""),
                value,
                (before, next) -> before + "," + next));
    return whole;
  }

  private static boolean isOfRole(String name) {
    return Arrays.stream(Role.values()).anyMatch(role -> role.has(name));
  }

  private void readIf(boolean now, String name, String value, KafkaSettings.Builder builder) {
    if (!now) {
      return;
    }
    Matcher raw = RAW.matcher(name);
    if (raw.matches()) {
      put(name, raw.group(2), value, builder);
      return;
    }
    Meaning meaning = KafkaPropertyNames.of(name);
    if (meaning instanceof Converted converted) {
      put(name, converted.kafka(), convert(converted, name, value), builder);
    } else if (meaning instanceof Owned owned) {
      put(name, owned.kafka(), value, builder);
    } else if (meaning instanceof Apart) {
      apart.put(KafkaPropertyNames.plain(name), value);
    } else if (meaning instanceof Foreign) {
      LOG.debug("{}.{} configures only spring-kafka.", prefix, name);
    } else {
      unknown(name);
    }
  }

  private void unknown(String name) {
    String meant = KafkaPropertyNames.meantBy(name);
    String problem = prefix + "." + name + " is not a Spring Boot property for Kafka.";
    if (meant != null) {
      problem += " Did you mean " + prefix + "." + meant + "?";
    }
    if (!prefix.equals(Clusters.SPRING_KAFKA)) {
      throw new InvalidPropertyException(problem, "Correct or remove it.", null);
    }
    LOG.warn("{} It is ignored: correct or remove it.", problem); // Spring Boot ignores it silently
  }

  private String convert(Converted converted, String name, String value) {
    try {
      return converted.convert().apply(value);
    } catch (IllegalArgumentException e) {
      throw new InvalidPropertyException(
          prefix + "." + name + " is invalid: " + e.getMessage(), "Correct it.", e);
    }
  }

  /** Sets a property. The settings refuse those that Hermes owns, with the reason. */
  private void put(String name, String property, String value, KafkaSettings.Builder builder) {
    if (AGREEING.getOrDefault(property, Set.of()).contains(value)) {
      return;
    }
    try {
      builder.property(property, value);
    } catch (SettingsException e) {
      if (!leavesOwned) {
        throw refusal(prefix + "." + name, property, e);
      }
    }
  }

  private static InvalidPropertyException refusal(
      String place, String property, SettingsException refused) {
    String instead = SpringWords.insteadOf(property);
    return new InvalidPropertyException(
        instead == null
            ? place + " contradicts what Hermes guarantees. " + refused.getMessage()
            : place + " cannot be set directly. The property for it is " + instead + ".",
        "Remove it. If it is meant for spring-kafka in the same application, set"
            + " hermes.leave-to-spring-kafka=true.",
        refused);
  }

  /** Returns the settings for one role, with these properties applied. */
  KafkaSettings.Builder settings(Role role) {
    KafkaSettings.Builder builder = settings.get(role);
    if (builder == null) {
      throw new IllegalStateException("No settings of " + role + ".");
    }
    return builder;
  }

  Optional<String> bootstrapServers(Role role) {
    return value(role, "bootstrap-servers");
  }

  /** Adds the addresses to the settings for one role. */
  void connect(Role role) {
    bootstrapServers(role)
        .ifPresent(
            addresses ->
                SpringWords.apply(
                    "bootstrapServers",
                    place(role, "bootstrap-servers"),
                    () -> settings(role).bootstrapServers(addresses)));
  }

  Optional<String> sslBundle(Role role) {
    return value(role, "ssl.bundle");
  }

  Optional<String> groupId() {
    return Optional.ofNullable(apart.get("consumer.groupid"));
  }

  /**
   * Returns where a group without committed offsets starts: Kafka's {@code earliest} or {@code
   * latest}.
   */
  Optional<String> autoOffsetReset() {
    return Optional.ofNullable(apart.get("consumer.autooffsetreset"));
  }

  private Optional<String> value(Role role, String name) {
    String plain = KafkaPropertyNames.plain(name);
    String own = apart.get(role.section + "." + plain);
    return Optional.ofNullable(own == null ? apart.get(plain) : own);
  }

  private String place(Role role, String name) {
    boolean own = apart.containsKey(role.section + "." + KafkaPropertyNames.plain(name));
    return prefix + "." + (own ? role.section + "." : "") + name;
  }
}
