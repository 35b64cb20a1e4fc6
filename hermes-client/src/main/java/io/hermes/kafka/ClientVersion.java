package io.hermes.kafka;

import io.hermes.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.jspecify.annotations.Nullable;

/** Refuses a kafka-clients that is too old, as another library's managed version can bring it. */
final class ClientVersion {

  private static final int[] LOWEST = {4, 2, 1};
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)(?:\\.(\\d+))?.*");

  private ClientVersion() {}

  static void check() {
    check(version());
  }

  /**
   * Compares a version with the lowest one.
   *
   * @param version as kafka-clients says it; null if it does not say
   */
  static void check(@Nullable String version) {
    Matcher parts = VERSION.matcher(version == null ? "" : version);
    if (!parts.matches()) {
      return; // repackaged, perhaps: nothing is known against it
    }
    for (int i = 0; i < LOWEST.length; i++) {
      String part = parts.group(i + 1);
      int number = part == null ? 0 : Integer.parseInt(part);
      if (number > LOWEST[i]) {
        return;
      }
      if (number < LOWEST[i]) {
        throw new SettingsException(
            "kafka-clients is "
                + version
                + " here, and Hermes needs 4.2.1 or newer: older ones can put a record on the wrong"
                + " topic (KAFKA-19012). Set the version of org.apache.kafka:kafka-clients in the"
                + " build; with Spring Boot that is the property kafka.version.",
            null);
      }
    }
  }

  private static @Nullable String version() {
    try (InputStream in =
        KafkaProducer.class.getResourceAsStream("/kafka/kafka-version.properties")) {
      if (in == null) {
        return null;
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      return null;
    }
  }
}
