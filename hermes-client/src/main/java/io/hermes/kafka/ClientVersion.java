package io.hermes.kafka;

import io.hermes.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.jspecify.annotations.Nullable;

/** Rejects a kafka-clients version that is too old, for example one managed by another library. */
final class ClientVersion {

  private static final int[] LOWEST = {4, 1, 2};
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)(?:\\.(\\d+))?.*");

  private ClientVersion() {}

  static void check() {
    check(version());
  }

  /**
   * Compares a version with the lowest supported one.
   *
   * @param version the version that kafka-clients reports; null if it reports none
   */
  static void check(@Nullable String version) {
    Matcher parts = VERSION.matcher(version == null ? "" : version);
    if (!parts.matches()) {
      return; // perhaps repackaged; nothing suggests that it is too old
    }
    for (int i = 0; i < LOWEST.length; i++) {
      String part = parts.group(i + 1);
      int number = part == null ? 0 : Integer.parseInt(part);
      if (number > LOWEST[i]) {
        return;
      }
      if (number < LOWEST[i]) {
        throw new SettingsException(
            "kafka-clients has version "
                + version
                + ", but Hermes needs 4.1.2 or newer:"
                + " older versions can send a record to the wrong topic (KAFKA-19012).",
            "Set the version of org.apache.kafka:kafka-clients in the build; with Spring"
                + " Boot, set the property kafka.version.",
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
