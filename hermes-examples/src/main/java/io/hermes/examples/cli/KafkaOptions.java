package io.hermes.examples.cli;

import io.hermes.kafka.KafkaSettings;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What all commands have that connect to a Kafka. */
final class KafkaOptions {

  private final Map<String, String> environment;

  @Option(
      names = "--broker",
      paramLabel = "<host:port>",
      description =
          "Where Kafka is; several with commas between. Default: the variable KAFKA_BROKER, or"
              + " else localhost:9092.")
  private @Nullable String broker;

  KafkaOptions(Map<String, String> environment) {
    this.environment = environment;
  }

  KafkaSettings settings() {
    KafkaSettings settings = KafkaSettings.fromEnvironment(environment);
    return broker == null ? settings : settings.toBuilder().bootstrapServers(broker).build();
  }
}
