package io.hermes.spring;

import io.hermes.SettingsException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites the client's messages, which name methods of its builders, in terms of properties and
 * listeners. The client does not know Spring, so this is the only place that knows both. Stateless.
 */
final class SpringWords {

  /** Phrases of errors that occur after a property has been applied. */
  private static final Map<String, String> PHRASES = new LinkedHashMap<>();

  static {
    PHRASES.put(
        "with TopicAdmin or with createTopics() of a publisher's builder",
        "or with hermes.publisher.create-topics=true");
    PHRASES.put("with on(type, handler)", "with another listener");
    PHRASES.put("call ignoreOtherTypes()", "set hermes.ignore-other-types=true");
    PHRASES.put("deliveryTimeout", "hermes.publisher.delivery-timeout");
    PHRASES.put("KAFKA_SECURITY_PROTOCOL", "spring.kafka.security.protocol");
    PHRASES.put(
        "KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD",
        "sasl.mechanism and sasl.jaas.config below spring.kafka.properties");
  }

  /** What to set instead of Kafka's properties that Hermes sets itself. */
  private static final Map<String, String> INSTEAD =
      Map.of(
          "bootstrap.servers", "spring.kafka.bootstrap-servers",
          "group.id", "spring.kafka.consumer.group-id, or group of the @HermesListener",
          "auto.offset.reset", "hermes.from, or spring.kafka.consumer.auto-offset-reset",
          "max.block.ms", "hermes.publisher.max-wait",
          "delivery.timeout.ms", "hermes.publisher.delivery-timeout");

  private SpringWords() {}

  /** Returns a message of the client in the terms of a Spring application. */
  static String of(@Nullable String message) {
    String words = String.valueOf(message);
    for (Map.Entry<String, String> phrase : PHRASES.entrySet()) {
      words = words.replace(phrase.getKey(), phrase.getValue());
    }
    return words;
  }

  /**
   * Applies a property to a builder.
   *
   * @param setting the setting's name in the builder's messages
   * @param place the property, or other place, that has the value
   * @param change applies it
   * @return the result of {@code change}
   * @throws InvalidPropertyException if the builder refuses the value; the message names the place
   */
  static <R> R apply(String setting, String place, Supplier<R> change) {
    try {
      return change.get();
    } catch (SettingsException e) {
      throw new InvalidPropertyException(
          of(e.problem()).replace(setting, place),
          e.advice().map(SpringWords::of).orElse("Correct it."),
          e);
    }
  }

  /**
   * Returns what to set instead of one of Kafka's properties; null if it cannot be changed at all.
   */
  static @Nullable String insteadOf(String kafka) {
    return INSTEAD.get(kafka);
  }

  /**
   * Returns the prefix of one group's properties; a name with special characters is in brackets.
   */
  static String group(String name) {
    return "hermes.subscribers." + (name.matches("[A-Za-z0-9-]+") ? name : "[" + name + "]");
  }
}
