package io.hermes.cli.groups;

import io.hermes.cli.broker.KafkaOptions;
import io.hermes.cli.console.Console;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The common part of commands for one group. */
abstract class GroupCommand implements Callable<Integer> {

  final Console console;
  @Mixin final KafkaOptions kafka;

  @Parameters(paramLabel = "GROUP", description = "The name of a consumer group.")
  String name = "";

  GroupCommand(Console console, Map<String, String> environment) {
    this.console = console;
    this.kafka = new KafkaOptions(environment);
  }

  /** Replaces the typed group with its name on the cluster, and runs the command. */
  @Override
  public final Integer call() {
    name = kafka.names().group(name);
    return run();
  }

  abstract int run();
}
