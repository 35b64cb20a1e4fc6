package io.hermes.cli.dlt;

import io.hermes.UnknownTopicException;
import io.hermes.cli.broker.KafkaOptions;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Stop;
import io.hermes.cli.contracts.ContractOptions;
import io.hermes.cli.contracts.Contracts;
import io.hermes.kafka.KafkaSettings;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The common part of commands for one dead-letter topic. */
abstract class DeadLetterCommand implements Callable<Integer> {

  final Console console;
  final Stop stop;
  @Mixin final KafkaOptions kafka;
  @Mixin final ContractOptions contractOptions;

  @Parameters(paramLabel = "TOPIC", description = "A dead-letter topic, such as user.events-dlt.")
  String topic = "";

  DeadLetterCommand(Console console, Stop stop, Map<String, String> environment) {
    this.console = console;
    this.stop = stop;
    this.kafka = new KafkaOptions(environment);
    this.contractOptions = new ContractOptions(environment);
  }

  /** Replaces the typed topic with its name on the cluster, and runs the command. */
  @Override
  public final Integer call() {
    DeadLetterTopics.check(topic);
    topic = kafka.names().topic(topic);
    try {
      return run(kafka.settings(), contractOptions.contracts(kafka.names()));
    } catch (UnknownTopicException e) {
      if (!e.topic().equals(topic)) {
        throw e;
      }
      throw new UnknownTopicException(
          e.topic(),
          e.problem(),
          "A subscriber creates its dead-letter topics; './hermes dlt list' shows those that exist."
              + " Or correct the name.",
          e);
    }
  }

  abstract int run(KafkaSettings settings, Contracts contracts);

  DeadLetterTopics connect(KafkaSettings settings, Contracts contracts) {
    return DeadLetterTopics.connect(settings, contracts, kafka.names());
  }
}
