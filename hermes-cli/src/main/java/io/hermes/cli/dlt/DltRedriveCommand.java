package io.hermes.cli.dlt;

import io.hermes.SettingsException;
import io.hermes.cli.console.Confirmation;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.ExitCode;
import io.hermes.cli.console.NamedLines;
import io.hermes.cli.console.Progress;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.Contracts;
import io.hermes.cli.contracts.DeadLetterName;
import io.hermes.cli.records.DeadLetter;
import io.hermes.contract.json.EventJson;
import io.hermes.kafka.KafkaSettings;
import io.hermes.subscribe.DeadLetterHeaders;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Puts dead letters back. */
@Command(
    name = "redrive",
    description = {
      "Put dead letters back to the topic that they were on: with their own key, bytes and headers,"
          + " and marked for the group that could not handle them, once its handler is mended.",
      "",
      "Who sees them: Hermes subscribers of other groups ack them unhandled. All other readers see"
          + " them again. A redriven record comes after everything that followed it when it died, so"
          + " its handler must bear an old event behind newer ones of the same key. Among themselves"
          + " the records of a key keep their order.",
      "",
      "Again: the brokers note each one that was put back, as commits of the groups"
          + " hermes-redrive.<topic>.<n>, so the same command, or one with other filters, goes on with"
          + " the rest: after Ctrl-C, after an error, and after kill -9, which doubles at most the 500"
          + " records that were sent since the last commit. The note is lost when the broker forgets"
          + " commits (offsets.retention.minutes, 7 days by default). Of two that run at the same time one stops.",
      "",
      "It ends where the topic ended when it was started, so it never follows what dies again. What"
          + " cannot be put back is named with its offset and reason, stays as it is, and makes the"
          + " exit code 1."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes dlt redrive user.events-dlt --dry-run",
      "  ./hermes dlt redrive user.events-dlt --group billing --from 2h",
      "  ./hermes dlt redrive user.events-dlt --type USER_LOGIN --rate 100 --yes"
    })
final class DltRedriveCommand extends DeadLetterCommand {

  @Mixin private DeadLetterFilter filter = new DeadLetterFilter();

  @Option(
      names = "--rate",
      paramLabel = "<n>",
      description = "So many a second. Default: as fast as they are acknowledged.")
  private @Nullable Double rate;

  @Option(
      names = "--max-redrives",
      paramLabel = "<n>",
      defaultValue = "3",
      description =
          "Leave a record that was redriven so often already, and died each time. Default: 3.")
  private int maxRedrives;

  @Option(names = "--dry-run", description = "Say what would be done, and do nothing.")
  private boolean dryRun;

  @Mixin private final Confirmation confirmation = new Confirmation();

  // What the first reading found.
  private final Map<Integer, Long> last = new HashMap<>(); // the offset of each partition
  private final Map<String, Long> groups = new TreeMap<>();
  private long planned;
  private long left;
  private long before;

  DltRedriveCommand(Console console, Stop stop, Map<String, String> environment) {
    super(console, stop, environment);
  }

  @Override
  public Integer call() {
    DeadLetterTopics.check(topic);
    filter.check();
    if (maxRedrives < 1 || (rate != null && !(rate > 0))) {
      throw new SettingsException("--rate is above zero, and --max-redrives 1 or more.", null);
    }
    KafkaSettings settings = kafka.settings();
    Contracts contracts = contractOptions.contracts();
    try (DeadLetterTopics cluster = DeadLetterTopics.connect(settings, contracts)) {
      RedriveLedger ledger = RedriveLedger.load(cluster, topic, cluster.spans(topic));
      plan(cluster, contracts, ledger);
      if (stop.isRequested()) {
        return ExitCode.FAILURE;
      }
      if (dryRun || planned == 0) {
        NamedLines facts = new NamedLines();
        facts.add(dryRun ? "would redrive" : "redriven", letters(planned));
        addRest(facts);
        facts.print(console);
        return left == 0 ? 0 : ExitCode.FAILURE;
      }
      boolean confirmed = confirmation.isGiven(console, stop, () -> question(settings));
      return confirmed ? finish(redrive(cluster, contracts, ledger, settings)) : ExitCode.FAILURE;
    }
  }

  /** Reads all once, to say what is to be done before any of it is. */
  private void plan(DeadLetterTopics cluster, Contracts contracts, RedriveLedger ledger) {
    EventJson json = contracts.json(false);
    cluster.forEach(
        topic,
        filter.start(),
        stop,
        record -> {
          last.put(record.partition(), record.offset());
          if (!filter.takes(record, contracts, json)) {
            return true;
          }
          if (ledger.has(record.partition(), record.offset())) {
            before++;
            return true;
          }
          DeadLetter letter = DeadLetter.ofAny(record.headers());
          String obstacle = obstacle(cluster, letter);
          if (obstacle == null) {
            planned++;
            groups.merge(Text.printable(Objects.requireNonNull(letter.group())), 1L, Long::sum);
          } else {
            left++;
            console.out().println("left " + Redrive.position(record) + ": " + obstacle);
          }
          return true;
        });
    console.out().flush();
  }

  /** Why a letter cannot be put back; null if it can. */
  private @Nullable String obstacle(DeadLetterTopics cluster, DeadLetter letter) {
    String origin = letter.topic();
    if (origin == null || letter.group() == null) {
      return "it has no header "
          + (origin == null ? DeadLetterHeaders.TOPIC : DeadLetterHeaders.GROUP)
          + ", so "
          + (origin == null ? "where it was" : "whose it is")
          + " is not known";
    }
    if (!DeadLetterHeaders.topicOf(origin).equals(topic)) {
      return "it says that it was on "
          + Text.printable(origin)
          + ", whose dead letters are on "
          + Text.printable(DeadLetterHeaders.topicOf(origin));
    }
    if (!cluster.exists(origin)) {
      return "there is no topic " + origin + " any more";
    }
    return letter.redrives() >= maxRedrives
        ? "it was redriven "
            + Units.count(letter.redrives(), "time")
            + " and died again (--max-redrives)"
        : null;
  }

  private String letters(long count) {
    return Units.count(count, "dead letter")
        + " of "
        + topic
        + " to "
        + DeadLetterName.origin(topic)
        + (groups.isEmpty() ? "" : " for " + groups());
  }

  private String groups() {
    return groups.entrySet().stream()
        .map(
            entry ->
                groups.size() == 1
                    ? "group " + entry.getKey()
                    : entry.getKey() + ": " + Units.count(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private String question(KafkaSettings settings) {
    return "Redrive "
        + letters(planned)
        + " at "
        + settings.bootstrapServers()
        + "? Readers that are no Hermes subscribers see them again.";
  }

  private Redrive redrive(
      DeadLetterTopics cluster, Contracts contracts, RedriveLedger ledger, KafkaSettings settings) {
    EventJson json = contracts.json(false);
    try (Progress progress = Progress.of(console, "redriving", planned);
        Redrive redrive = new Redrive(settings, ledger, stop, progress, rate)) {
      redrive.run(
          () ->
              cluster.forEach(
                  topic,
                  filter.start(),
                  stop,
                  record -> {
                    DeadLetter letter = DeadLetter.ofAny(record.headers());
                    if (record.offset() <= last.getOrDefault(record.partition(), -1L)
                        && !ledger.has(record.partition(), record.offset())
                        && filter.takes(record, contracts, json)
                        && obstacle(cluster, letter) == null) {
                      redrive.send(record, letter.original(record));
                    }
                    return true;
                  }));
      return redrive;
    }
  }

  private int finish(Redrive redrive) {
    redrive.refused().forEach(line -> console.out().println("left " + line));
    left += redrive.refused().size();
    long missing = planned - redrive.acknowledged() - redrive.refused().size();
    NamedLines facts = new NamedLines();
    facts.add("redriven", letters(redrive.acknowledged()));
    if (missing > 0) {
      facts.add("not redriven", Units.count(missing) + ": the same command goes on with them");
    }
    addRest(facts);
    facts.add(
        "time",
        Units.duration(redrive.taken())
            + ", "
            + Units.rate(redrive.acknowledged(), redrive.taken()));
    facts.print(console);
    redrive.throwFailure();
    return left + missing == 0 ? 0 : ExitCode.FAILURE;
  }

  private void addRest(NamedLines facts) {
    if (left > 0) {
      facts.add("left", Units.count(left) + ", as above");
    }
    if (before > 0) {
      facts.add("before", Units.count(before) + " redriven already");
    }
  }
}
