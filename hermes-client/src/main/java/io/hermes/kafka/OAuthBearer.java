package io.hermes.kafka;

import io.hermes.SettingsException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks the requirements of OAUTHBEARER. Without them, Kafka's token client fails only later, with
 * a missing class or a rejected URL.
 */
final class OAuthBearer {

  private static final String TOKEN_URL = "sasl.oauthbearer.token.endpoint.url";
  private static final String ALLOWED_URLS = "org.apache.kafka.sasl.oauthbearer.allowed.urls";
  private static final String JACKSON = "com.fasterxml.jackson.databind.ObjectMapper";

  private OAuthBearer() {}

  static void check(Map<String, Object> config) {
    check(config, OAuthBearer.class.getClassLoader(), System.getProperty(ALLOWED_URLS));
  }

  static void check(Map<String, Object> config, ClassLoader classes, @Nullable String allowedUrls) {
    Object url = config.get(TOKEN_URL);
    if (url == null || !"OAUTHBEARER".equals(config.get("sasl.mechanism"))) {
      return;
    }
    if (allowedUrls == null) {
      throw new SettingsException(
          "OAUTHBEARER fetches tokens only from URLs that the JVM allows.",
          "Start the JVM with -D" + ALLOWED_URLS + "=" + url,
          null);
    }
    try {
      Class.forName(JACKSON, false, classes);
    } catch (ClassNotFoundException missing) {
      throw new SettingsException(
          "OAUTHBEARER needs Jackson, which kafka-clients does not depend on.",
          "Add com.fasterxml.jackson.core:jackson-databind to the dependencies.",
          missing);
    }
  }
}
