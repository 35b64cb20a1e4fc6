package io.hermes.cli.broker;

import io.hermes.SettingsException;
import picocli.CommandLine.Option;

/** The option for the Kafka cluster that an operator's resources belong to. */
final class ResourceOption {

  @Option(
      names = "--cluster",
      paramLabel = "<name>",
      defaultValue = Strimzi.CLUSTER,
      description =
          "With --format strimzi: the name of the Kafka resource, ${DEFAULT-VALUE} by default.")
  private String cluster = Strimzi.CLUSTER;

  String cluster() {
    if (!Strimzi.isResourceName(cluster)) {
      throw new SettingsException(
          "--cluster " + cluster + ": a Kafka resource cannot have this name.",
          "Use lower-case letters, digits, dots and hyphens.",
          null);
    }
    return cluster;
  }
}
