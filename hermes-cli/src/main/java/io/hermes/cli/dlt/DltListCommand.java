package io.hermes.cli.dlt;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.StartAt;
import io.hermes.cli.broker.KafkaOptions;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.ExitCode;
import io.hermes.cli.console.OutputOption;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Table;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.ContractOptions;
import io.hermes.cli.contracts.Contracts;
import io.hermes.cli.contracts.Names;
import io.hermes.cli.records.DeadLetter;
import io.hermes.cli.records.Shown;
import io.hermes.contract.json.EventJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Mixin;

/** Lists the dead-letter topics of a cluster, and counts their records. */
@Command(
    name = "list",
    description = {
      "List the dead-letter topics of a cluster (all topics whose names end with -dlt and start"
          + " with HERMES_TOPIC_PREFIX), and count their records by group, type and exception.",
      "The command reads all of them. REDRIVEN counts the records that ./hermes dlt redrive has put"
          + " back: they stay on the topic until they are purged or expire."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes dlt list",
      "  ./hermes dlt list --format json | jq -r 'select(.letters > .redriven) | .topic'"
    })
final class DltListCommand implements Callable<Integer> {

  private static final int WIDE = 120; // the width from which packages and times fit

  private final Console console;
  private final Stop stop;
  @Mixin private final KafkaOptions kafka;
  @Mixin private final ContractOptions contractOptions;

  @Mixin private final OutputOption output = new OutputOption();

  /** What dead-letter records are counted by. */
  private record Cause(@Nullable String group, String type, @Nullable String exception) {}

  /** Counts dead-letter records. */
  private static final class Count {

    private long letters;
    private long redriven;
    private Instant oldest = Instant.MAX;
    private Instant newest = Instant.MIN;

    void add(Instant time, boolean wasRedriven) {
      letters++;
      redriven += wasRedriven ? 1 : 0;
      oldest = time.isBefore(oldest) ? time : oldest;
      newest = time.isAfter(newest) ? time : newest;
    }

    void addTo(JsonObject json) {
      json.addProperty("letters", letters);
      json.addProperty("redriven", redriven);
      json.addProperty("oldest", letters == 0 ? null : Text.time(oldest));
      json.addProperty("newest", letters == 0 ? null : Text.time(newest));
    }
  }

  DltListCommand(Console console, Stop stop, Map<String, String> environment) {
    this.console = console;
    this.stop = stop;
    this.kafka = new KafkaOptions(environment);
    this.contractOptions = new ContractOptions(environment);
  }

  @Override
  public Integer call() {
    Names ofEnvironment = kafka.names();
    Contracts contracts = contractOptions.contracts(ofEnvironment);
    EventJson json = contracts.json(false);
    try (DeadLetterTopics cluster =
        DeadLetterTopics.connect(kafka.settings(), contracts, ofEnvironment)) {
      List<String> names = cluster.topics();
      for (String topic : names) {
        Count all = new Count();
        Map<Cause, Count> causes = new HashMap<>();
        RedriveLedger ledger = RedriveLedger.load(cluster, topic, cluster.spans(topic));
        cluster.forEach(
            topic,
            StartAt.beginning(),
            stop,
            record -> {
              boolean redriven = ledger.has(record.partition(), record.offset());
              all.add(record.timestamp(), redriven);
              causes
                  .computeIfAbsent(cause(record, contracts, json), c -> new Count())
                  .add(record.timestamp(), redriven);
              return true;
            });
        if (stop.isRequested()) {
          return ExitCode.FAILURE; // partial counts would be misleading
        }
        print(topic, all, causes);
      }
      if (names.isEmpty()) {
        console.err().println("No dead-letter topics at " + cluster.where() + ".");
      }
    }
    return 0;
  }

  private static Cause cause(
      EventRecord<DynamicMessage> record, Contracts contracts, EventJson json) {
    DeadLetter letter = DeadLetter.ofAny(record.headers());
    return new Cause(letter.group(), Shown.of(record, contracts, json).label(), letter.exception());
  }

  private void print(String topic, Count all, Map<Cause, Count> causes) {
    List<Map.Entry<Cause, Count>> sorted =
        causes.entrySet().stream()
            .sorted(
                Comparator.comparingLong((Map.Entry<Cause, Count> e) -> -e.getValue().letters)
                    .thenComparing(e -> e.getKey().toString()))
            .toList();
    if (output.isJson()) {
      OutputOption.print(console, json(topic, all, sorted));
      return;
    }
    console.out().println(console.style(Style.bold, topic) + "  " + words(all));
    if (!sorted.isEmpty()) {
      table(sorted).print(console);
    }
    console.out().println();
  }

  private static String words(Count all) {
    return all.letters == 0
        ? "no dead letters"
        : Units.count(all.letters, "dead letter")
            + (all.redriven == 0 ? "" : ", " + Units.count(all.redriven) + " redriven")
            + ", "
            + Text.time(all.oldest)
            + " to "
            + Text.time(all.newest);
  }

  private Table table(List<Map.Entry<Cause, Count>> causes) {
    int columns = console.look().columns();
    boolean narrow = columns > 0 && columns < WIDE;
    List<String> titles = List.of("GROUP", "TYPE", "EXCEPTION", " LETTERS", " REDRIVEN");
    List<String> wideTitles = new ArrayList<>(titles);
    wideTitles.addAll(List.of("OLDEST", "NEWEST"));
    Table table = new Table((narrow ? titles : wideTitles).toArray(String[]::new));
    for (Map.Entry<Cause, Count> entry : causes) {
      Cause cause = entry.getKey();
      Count count = entry.getValue();
      String exception = cause.exception == null ? "-" : Text.printable(cause.exception);
      List<String> cells = new ArrayList<>();
      cells.add(cause.group == null ? "-" : Text.printable(cause.group));
      cells.add(Text.printable(cause.type));
      cells.add(narrow ? exception.substring(exception.lastIndexOf('.') + 1) : exception);
      cells.add(Units.count(count.letters));
      cells.add(Units.count(count.redriven));
      if (!narrow) {
        cells.add(Text.time(count.oldest));
        cells.add(Text.time(count.newest));
      }
      table.add(cells.toArray(String[]::new));
    }
    return table;
  }

  private static JsonObject json(String topic, Count all, List<Map.Entry<Cause, Count>> causes) {
    JsonObject json = new JsonObject();
    json.addProperty("topic", topic);
    all.addTo(json);
    JsonArray array = new JsonArray();
    for (Map.Entry<Cause, Count> entry : causes) {
      JsonObject cause = new JsonObject();
      cause.addProperty("group", entry.getKey().group);
      cause.addProperty("type", entry.getKey().type);
      cause.addProperty("exception", entry.getKey().exception);
      entry.getValue().addTo(cause);
      array.add(cause);
    }
    json.add("causes", array);
    return json;
  }
}
