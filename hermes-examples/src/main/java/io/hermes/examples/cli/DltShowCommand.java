package io.hermes.examples.cli;

import io.hermes.SettingsException;
import io.hermes.StartAt;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The dead letters of a topic. */
@Command(
    name = "show",
    description = {
      "Show the dead letters of a topic, to the end as it is now: when each died, where it was,"
          + " whose handler failed how often and why, and the event.",
      "Bytes that are no event are shown as hexadecimal digits with the reason."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes dlt show user.events-dlt",
      "  ./hermes dlt show user.events-dlt --from 1h --format table",
      "  ./hermes dlt show user.events-dlt --exception IllegalStateException",
      "  ./hermes dlt show user.events-dlt --format json | jq -r .deadLetter.message"
    })
final class DltShowCommand implements Callable<Integer> {

  private final Console console;
  private final Stop stop;
  @Mixin private final KafkaOptions kafka;

  @Parameters(paramLabel = "TOPIC", description = "A dead letter topic, such as user.events-dlt.")
  private String topic = "";

  @Mixin private DeadLetterFilter filter = new DeadLetterFilter();

  @Option(names = "--limit", paramLabel = "<n>", description = "End after so many.")
  private @Nullable Long limit;

  @Option(
      names = "--format",
      paramLabel = "<format>",
      defaultValue = "pretty",
      description =
          "pretty (the default), table (a line each), json (an object on a line each, for jq), or"
              + " raw (the bytes of the values, nothing between them).")
  private RecordFormat.Name format = RecordFormat.Name.pretty;

  @Option(names = "--headers", description = "Show the records' headers.")
  private boolean headers;

  @Option(
      names = "--reveal",
      description = "Show the fields that their schema marks debug_redact. Default: hidden.")
  private boolean reveal;

  DltShowCommand(Console console, Stop stop, Map<String, String> environment) {
    this.console = console;
    this.stop = stop;
    this.kafka = new KafkaOptions(environment);
  }

  @Override
  public Integer call() {
    DeadLetterTopics.check(topic);
    filter.check();
    format.check(console);
    if (limit != null && limit < 1) {
      throw new SettingsException("--limit is 1 or more, not " + limit + ".", null);
    }
    Contracts contracts = Contracts.onClassPath();
    EventJson json = new EventJson(contracts.types(), reveal);
    Output output =
        new Output(
            console,
            contracts,
            json,
            format == RecordFormat.Name.table
                ? new DeadLetterTable(console)
                : format.on(console, headers, false),
            new Output.Filter(null, null, limit == null ? Long.MAX_VALUE : limit));
    try (DeadLetterTopics cluster = DeadLetterTopics.connect(kafka.settings(), contracts)) {
      StartAt start = filter.start();
      cluster.forEach(
          topic,
          start,
          stop,
          record -> !filter.takes(record, contracts, json) || output.accept(record));
    } finally {
      console.out().flush();
    }
    console.err().println(output.summary());
    return 0;
  }
}
