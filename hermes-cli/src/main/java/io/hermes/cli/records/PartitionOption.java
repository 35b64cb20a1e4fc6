package io.hermes.cli.records;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option for one partition, or all. */
public final class PartitionOption {

  @Option(
      names = "--partition",
      paramLabel = "<n>",
      description = "Only this partition. Default: all.")
  private @Nullable Integer only;

  /** Null for all. */
  public @Nullable Integer only() {
    return only;
  }

  public boolean takes(int partition) {
    return only == null || only == partition;
  }
}
