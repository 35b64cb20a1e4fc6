package io.hermes.kafka;

import io.hermes.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/**
 * Derives Kafka's security properties from environment variables. Secrets become {@link Password}s,
 * whose {@code toString} hides them. Not thread-safe.
 */
final class SecurityVariables {

  private static final String PROTOCOL = "KAFKA_SECURITY_PROTOCOL";
  private static final String MECHANISM = "KAFKA_SASL_MECHANISM";
  private static final String USERNAME = "KAFKA_SASL_USERNAME";
  private static final String PASSWORD = "KAFKA_SASL_PASSWORD";
  private static final String CA = "KAFKA_SSL_CA";
  private static final String CERT = "KAFKA_SSL_CERT";
  private static final String KEY = "KAFKA_SSL_KEY";
  private static final String FILE = "_FILE";

  private static final List<String> PROTOCOLS =
      List.of("PLAINTEXT", "SSL", "SASL_SSL", "SASL_PLAINTEXT");
  private static final List<String> MECHANISMS =
      List.of("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER");

  private final Map<String, String> environment;
  private final Map<String, Object> properties = new LinkedHashMap<>();

  private SecurityVariables(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * The properties that the variables set.
   *
   * @throws SettingsException if a variable is invalid, missing or contradicts another; the message
   *     never contains a secret
   */
  static Map<String, Object> properties(Map<String, String> environment) {
    SecurityVariables variables = new SecurityVariables(environment);
    variables.read();
    return variables.properties;
  }

  private void read() {
    String protocol = choice(PROTOCOL, PROTOCOLS);
    if (protocol == null) {
      refuse(List.of(MECHANISM, USERNAME, PASSWORD, CA, CERT, KEY), "without " + PROTOCOL);
      return;
    }
    properties.put("security.protocol", protocol);
    boolean tls = protocol.endsWith("SSL");
    if (protocol.startsWith("SASL_")) {
      sasl(tls);
    } else {
      refuse(List.of(MECHANISM, USERNAME, PASSWORD), "with " + PROTOCOL + "=" + protocol);
    }
    if (tls) {
      tls();
    } else {
      refuse(List.of(CA, CERT, KEY), "with " + PROTOCOL + "=" + protocol);
    }
  }

  private void sasl(boolean tls) {
    String mechanism = choice(MECHANISM, MECHANISMS);
    if (mechanism == null) {
      throw wrong(
          MECHANISM + " is not set.", "Set it to one of " + String.join(", ", MECHANISMS) + ".");
    }
    properties.put("sasl.mechanism", mechanism);
    if (mechanism.equals("OAUTHBEARER")) {
      // The remaining settings are Kafka's own properties, which the program sets.
      refuse(List.of(USERNAME, PASSWORD), "with " + MECHANISM + "=" + mechanism);
      properties.put(
          "sasl.jaas.config",
          new Password(
              "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"));
      return;
    }
    boolean plain = mechanism.equals("PLAIN");
    if (plain && !tls) {
      throw wrong(
          MECHANISM + "=PLAIN sends the password unencrypted.",
          "Set " + PROTOCOL + "=SASL_SSL, or use SCRAM-SHA-512.");
    }
    String username = required(text(USERNAME), USERNAME);
    String password = required(text(PASSWORD), PASSWORD);
    String module =
        plain
            ? "org.apache.kafka.common.security.plain.PlainLoginModule"
            : "org.apache.kafka.common.security.scram.ScramLoginModule";
    properties.put(
        "sasl.jaas.config",
        new Password(
            module
                + " required username="
                + quote(username)
                + " password="
                + quote(password)
                + ";"));
  }

  private void tls() {
    String ca = text(CA);
    if (ca != null) {
      properties.put("ssl.truststore.type", "PEM");
      properties.put(
          "ssl.truststore.certificates", pem(CA, ca, "-----BEGIN CERTIFICATE-----", "ca.crt"));
    }
    String cert = text(CERT);
    String key = text(KEY);
    if (cert == null && key == null) {
      return;
    }
    if (cert == null || key == null) {
      throw wrong(
          (cert == null ? KEY : CERT) + " is set without " + (cert == null ? CERT : KEY) + ".",
          "Set both for a client certificate.");
    }
    properties.put("ssl.keystore.type", "PEM");
    properties.put(
        "ssl.keystore.certificate.chain",
        pem(CERT, cert, "-----BEGIN CERTIFICATE-----", "client.crt"));
    if (!key.contains("-----BEGIN PRIVATE KEY-----") && key.contains("PRIVATE KEY-----")) {
      throw wrong(
          KEY + " is not an unencrypted PKCS #8 key, which Kafka needs.",
          "Convert it: openssl pkcs8 -topk8 -nocrypt -in old.key -out client.key");
    }
    properties.put("ssl.keystore.key", pem(KEY, key, "-----BEGIN PRIVATE KEY-----", "client.key"));
  }

  private static Password pem(String name, String value, String begin, String example) {
    if (!value.contains(begin)) {
      throw wrong(
          name + " has no line '" + begin + "'.",
          "Set it to the text of a PEM file, or put the file's path in "
              + name
              + FILE
              + ", such as "
              + example
              + ".");
    }
    return new Password(value);
  }

  /** The value of a variable, or the content of the file that its _FILE variant names. */
  private @Nullable String text(String name) {
    String direct = present(name);
    String file = present(name + FILE);
    if (direct != null && file != null) {
      throw wrong(name + " and " + name + FILE + " are both set.", "Set only one of them.");
    }
    if (file == null) {
      return direct;
    }
    try {
      // The newline that editors and echo append is not part of a password.
      return Files.readString(Path.of(file)).stripTrailing();
    } catch (IOException | RuntimeException e) {
      throw wrong(
          "%s%s names %s, which cannot be read (%s).".formatted(name, FILE, file, e),
          "Correct the path, or let this user read the file.");
    }
  }

  private @Nullable String choice(String name, List<String> allowed) {
    String value = present(name);
    if (value == null) {
      return null;
    }
    String upper = value.trim().toUpperCase(Locale.ROOT);
    if (!allowed.contains(upper)) {
      throw wrong(
          name + " is '" + value + "'.", "Set it to one of " + String.join(", ", allowed) + ".");
    }
    return upper;
  }

  private void refuse(List<String> names, String reason) {
    for (String name : names) {
      if (present(name) != null || present(name + FILE) != null) {
        throw wrong(
            name + " is set " + reason + ", and so would not be used.",
            "Set " + PROTOCOL + "=SASL_SSL for a password, SSL for a certificate, or unset it.");
      }
    }
  }

  private static String required(@Nullable String value, String name) {
    if (value == null || value.isEmpty()) {
      throw wrong(name + " is not set, nor " + name + FILE + ".", "Set one of them.");
    }
    return value;
  }

  private @Nullable String present(String name) {
    String value = environment.get(name);
    return value == null || value.isBlank() ? null : value;
  }

  /** Quotes a value in the way that Kafka's JAAS parser unquotes it. */
  private static String quote(String value) {
    return '"'
        + value
            .replace("\\", "\\\\")
            .replace("\"", "\\\"")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
        + '"';
  }

  private static SettingsException wrong(String problem, String advice) {
    return new SettingsException(problem, advice, null);
  }
}
