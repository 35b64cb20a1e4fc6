package io.hermes.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.utils.Time;

/** The only class that uses Kafka's broker classes: formats a data directory and runs a broker. */
final class KraftServer {

  private final KafkaRaftServer server;
  private final DataLock lock;

  private KraftServer(KafkaRaftServer server, DataLock lock) {
    this.server = server;
    this.lock = lock;
  }

  /**
   * Formats the data directory if necessary, and starts the broker. Returns when the controller has
   * admitted the broker and its listeners are open. No other broker can use the directory until
   * this one has shut down.
   *
   * @param propertiesFile the broker's configuration, with a single directory in {@code log.dirs}
   * @param clusterId used for a directory that is not yet formatted
   */
  static KraftServer start(Path propertiesFile, String clusterId) {
    Properties properties = new Properties();
    try (var in = Files.newBufferedReader(propertiesFile)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Path dataDirectory = Path.of(properties.getProperty("log.dirs"));
    Directories.create(dataDirectory);
    DataLock lock = DataLock.take(dataDirectory);
    try {
      if (!Files.exists(dataDirectory.resolve("meta.properties"))) {
        format(propertiesFile, clusterId);
      }
      return new KraftServer(start(properties), lock);
    } catch (RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  private static KafkaRaftServer start(Properties properties) {
    KafkaRaftServer server =
        new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    try {
      server.startup();
      return server;
    } catch (RuntimeException | Error e) {
      server.shutdown();
      throw e;
    }
  }

  static void write(Properties properties, Path file) {
    try (OutputStream out = Files.newOutputStream(file)) {
      properties.store(out, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void format(Path propertiesFile, String clusterId) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int exitCode;
    try (PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8)) {
      String[] arguments = {
        "format", "-t", clusterId, "-c", propertiesFile.toString(), "--ignore-formatted"
      };
      exitCode = StorageTool.execute(arguments, stream);
    }
    if (exitCode != 0) {
      throw new KafkaStartException(
          "Kafka could not format its data directory:"
              + " "
              + output.toString(StandardCharsets.UTF_8),
          null);
    }
  }

  void shutdown() {
    server.shutdown();
    server.awaitShutdown();
    lock.close();
  }

  void awaitShutdown() {
    server.awaitShutdown();
  }
}
