package io.hermes.cli.broker;

import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.NamedLines;
import io.hermes.cli.console.Numbers;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Units;
import io.hermes.cli.console.Version;
import io.hermes.cli.contracts.ContractOptions;
import io.hermes.cli.contracts.Contracts;
import io.hermes.cli.contracts.Names;
import io.hermes.kafka.KafkaSettings;
import io.hermes.kafka.TopicAdmin;
import io.hermes.testkit.EmbeddedKafka;
import java.io.File;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a Kafka broker for development in this process. */
@Command(
    name = "broker",
    description = {
      "Run a Kafka broker for development on this machine, without Docker, until Ctrl-C.",
      "It is a real broker, reachable only from this machine, with the topics of all contracts."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes broker                       on localhost:9092; its data is deleted afterwards",
      "  ./hermes broker --dir ~/kafka-data    the data is kept for the next start",
      "  ./hermes broker --port 9093           and then: KAFKA_BROKER=localhost:9093"
          + " ./hermes produce"
    })
public final class BrokerCommand implements Callable<Integer> {

  private static final long LITTLE_SPACE = 32 << 20;

  private final Console console;
  private final Stop stop;
  private final Map<String, String> environment;

  @Option(
      names = "--port",
      paramLabel = "<port>",
      defaultValue = "9092",
      description = "The port on localhost; 0 for any free port. Default: 9092.")
  private int port;

  @Option(
      names = "--dir",
      paramLabel = "<directory>",
      description = "The data directory. Default: a temporary directory, removed at the end.")
  private @Nullable Path dir;

  @Mixin private final ContractOptions contractOptions;

  public BrokerCommand(Console console, Stop stop, Map<String, String> environment) {
    this.console = console;
    this.stop = stop;
    this.environment = environment;
    this.contractOptions = new ContractOptions(environment);
  }

  @Override
  public Integer call() {
    Numbers.require(port >= 0 && port <= 65_535, "--port", "0 to 65535", port);
    Contracts contracts = contractOptions.contracts(Names.of(environment));
    EmbeddedKafka.Builder builder = EmbeddedKafka.builder().port(port);
    if (dir != null) {
      if (Files.exists(dir) && !Files.isDirectory(dir)) {
        throw new SettingsException(
            "--dir " + dir + " is a file, not a directory.", "Choose another one.", null);
      }
      builder.dataDir(dir);
    }
    try (EmbeddedKafka kafka = start(builder)) {
      String address = kafka.bootstrapServers().replace("127.0.0.1", "localhost");
      NamedLines facts = new NamedLines();
      facts.add("Kafka", Version.kafka());
      facts.add("address", address);
      facts.add("data", dir == null ? "temporary" : dir.toAbsolutePath().normalize().toString());
      createTopics(kafka, contracts, facts);
      String prefix = address.equals("localhost:9092") ? "" : "KAFKA_BROKER=" + address + " ";
      facts.add("try", prefix + "./hermes produce");
      facts.add("", prefix + "./hermes consume");
      facts.print(console);
      console.out().println("Ctrl-C stops it.");
      console.out().flush();
      while (!stop.await(500, TimeUnit.MILLISECONDS)) {
        if (!kafka.isAlive()) {
          throw new HermesException(whyItEnded(), null);
        }
      }
      console.out().println("Stopping.");
      console.out().flush();
    }
    return 0;
  }

  private String whyItEnded() {
    File data = dir == null ? new File(System.getProperty("java.io.tmpdir")) : dir.toFile();
    long free = data.getUsableSpace();
    return "The broker has stopped because it can no longer write its data. "
        + (free < LITTLE_SPACE
            ? "The disk is full, "
                + Units.bytes(free)
                + " are left for "
                + data
                + ". Free"
                + " some space"
            : "See its log, with --debug")
        + ", and start it again."
        + (dir == null ? "" : " All acknowledged records are kept.");
  }

  private EmbeddedKafka start(EmbeddedKafka.Builder builder) {
    try {
      return builder.start();
    } catch (UncheckedIOException e) {
      throw new SettingsException(
          "--dir " + dir + " cannot be used as the data directory (" + e.getCause() + ").",
          "Choose another one.",
          e);
    }
  }

  private static void createTopics(EmbeddedKafka kafka, Contracts contracts, NamedLines facts) {
    String label = "topics";
    try (TopicAdmin admin = TopicAdmin.connect(KafkaSettings.of(kafka.bootstrapServers()))) {
      contracts.all().forEach(admin::createIfMissing);
      for (String topic : contracts.names()) {
        String partitions = Units.count(admin.partitions(topic), "partition");
        facts.add(label, topic + ", " + partitions + ": " + contracts.messages(topic));
        label = "";
      }
    }
  }
}
