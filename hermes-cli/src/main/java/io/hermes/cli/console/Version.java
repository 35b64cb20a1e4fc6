package io.hermes.cli.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.IVersionProvider;

/** The versions of Hermes, Kafka and Java. */
public final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {
      "hermes " + of(Version.class),
      "kafka-clients " + kafka(),
      "Java " + System.getProperty("java.version")
    };
  }

  /** The version of Kafka's client, which is also the broker's: both come from one release. */
  public static String kafka() {
    try (InputStream in = Admin.class.getResourceAsStream("/kafka/kafka-version.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String of(Class<?> type) {
    String version = type.getPackage().getImplementationVersion();
    return version == null ? "(not from a jar)" : version;
  }
}
