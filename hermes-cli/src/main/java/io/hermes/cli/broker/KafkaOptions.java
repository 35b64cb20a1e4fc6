package io.hermes.cli.broker;

import io.hermes.SettingsException;
import io.hermes.cli.contracts.Names;
import io.hermes.kafka.ClusterNames;
import io.hermes.kafka.KafkaSettings;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of all commands that connect to Kafka. */
public final class KafkaOptions {

  private final Map<String, String> environment;

  @Option(
      names = "--broker",
      paramLabel = "<host:port>",
      description =
          "The addresses of Kafka, separated by commas. Default: the variable KAFKA_BROKER,"
              + " or else localhost:9092.")
  private @Nullable String broker;

  public KafkaOptions(Map<String, String> environment) {
    this.environment = environment;
  }

  /** The names of topics and groups on the cluster. */
  public Names names() {
    return Names.of(environment);
  }

  /** The settings without a topic prefix, because {@link #names()} already adds it. */
  public KafkaSettings settings() {
    KafkaSettings settings = KafkaSettings.fromEnvironment(withBroker());
    return ClusterNames.of(settings).settings();
  }

  private Map<String, String> withBroker() {
    if (broker == null) {
      return environment;
    }
    try {
      KafkaSettings.of(broker);
    } catch (SettingsException e) {
      throw new SettingsException(
          "--broker is '" + broker + "'.", e.advice().orElse(null), e); // not "bootstrapServers"
    }
    Map<String, String> overridden = new HashMap<>(environment);
    overridden.put("KAFKA_BROKER", broker);
    return overridden;
  }
}
