package io.hermes.cli.broker;

import io.hermes.cli.console.Console;
import io.hermes.cli.console.ExitCode;
import io.hermes.cli.console.Text;
import io.hermes.cli.contracts.ContractOptions;
import io.hermes.cli.contracts.Contracts;
import io.hermes.cli.contracts.Names;
import io.hermes.kafka.KafkaSettings;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Mixin;

/**
 * What {@code plan} and {@code apply} share, for topics and for ACLs: they compare a cluster with
 * its desired state, print a line for each item, and return an exit code that says whether all of
 * them match.
 */
abstract class ClusterComparison implements Callable<Integer> {

  private final Console console;
  private final int stateWidth;
  @Mixin private final KafkaOptions kafka;
  @Mixin private final ContractOptions contractOptions;

  /**
   * A comparison.
   *
   * @param stateWidth of the longest state, such as "missing"
   */
  ClusterComparison(Console console, Map<String, String> environment, int stateWidth) {
    this.console = console;
    this.stateWidth = stateWidth;
    this.kafka = new KafkaOptions(environment);
    this.contractOptions = new ContractOptions(environment);
  }

  /** Whether each line is a JSON object. */
  abstract boolean isJson();

  Console console() {
    return console;
  }

  KafkaSettings settings() {
    return kafka.settings();
  }

  Names names() {
    return kafka.names();
  }

  Contracts contracts() {
    return contractOptions.contracts(names());
  }

  void print(String text) {
    console.out().print(text);
  }

  /** Prints the state of an item. */
  void printState(String state, Style style, String text) {
    console.out().println(console.style(style, Text.left(state, stateWidth)) + "  " + text);
  }

  /**
   * Reports mismatches on standard error.
   *
   * @return the exit code
   */
  int summary(List<String> differences) {
    console.out().flush();
    differences.forEach(console.err()::println);
    return differences.isEmpty() ? ExitCode.OK : ExitCode.DIFFERENT;
  }
}
