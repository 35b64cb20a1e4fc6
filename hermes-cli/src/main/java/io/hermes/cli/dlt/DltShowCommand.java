package io.hermes.cli.dlt;

import io.hermes.StartAt;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Stop;
import io.hermes.cli.contracts.Contracts;
import io.hermes.cli.records.Output;
import io.hermes.cli.records.RecordFormat;
import io.hermes.cli.records.RecordOptions;
import io.hermes.contract.json.EventJson;
import io.hermes.kafka.KafkaSettings;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the dead-letter records of a topic. */
@Command(
    name = "show",
    description = {
      "Show the dead-letter records of a topic, up to its current end: when each one failed, where it"
          + " came from, which group's handler failed how often and why, and the event.",
      "A value that cannot be decoded is shown with the reason, and with --reveal also with its bytes"
          + " in hexadecimal: they may contain hidden fields."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes dlt show user.events-dlt",
      "  ./hermes dlt show user.events-dlt --from 1h --format table",
      "  ./hermes dlt show user.events-dlt --exception IllegalStateException",
      "  ./hermes dlt show user.events-dlt --format json | jq -r .deadLetter.message"
    })
final class DltShowCommand extends DeadLetterCommand {

  @Mixin private DeadLetterFilter filter = new DeadLetterFilter();

  @Mixin private final RecordOptions records = new RecordOptions();

  DltShowCommand(Console console, Stop stop, Map<String, String> environment) {
    super(console, stop, environment);
  }

  @Override
  int run(KafkaSettings settings, Contracts contracts) {
    filter.check(console, kafka.names(), contracts, topic);
    records.check(console);
    EventJson json = contracts.json(records.reveal());
    Output output =
        new Output(
            console,
            contracts,
            json,
            records.format() == RecordFormat.Name.table
                ? new DeadLetterTable(console)
                : records.on(console, false),
            new Output.Filter(null, null, records.limit()));
    try (DeadLetterTopics cluster = connect(settings, contracts)) {
      StartAt start = filter.start();
      cluster.forEach(
          topic,
          start,
          stop,
          record -> !filter.takes(record, contracts, json) || output.accept(record));
    } finally {
      console.out().flush();
    }
    output.printSummary();
    return 0;
  }
}
