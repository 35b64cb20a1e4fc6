package io.hermes.cli.dlt;

import com.google.protobuf.DynamicMessage;
import io.hermes.cli.console.Confirmation;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.ExitCode;
import io.hermes.cli.console.NamedLines;
import io.hermes.cli.console.Numbers;
import io.hermes.cli.console.Progress;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.Contracts;
import io.hermes.cli.contracts.DeadLetterName;
import io.hermes.cli.records.DeadLetter;
import io.hermes.contract.json.EventJson;
import io.hermes.kafka.KafkaSettings;
import io.hermes.read.HermesReader;
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

/** Redrives dead-letter records. */
@Command(
    name = "redrive",
    description = {
      "Publish dead-letter records to their original topic again, once the handler is fixed: with"
          + " their original key, bytes and headers, and marked for the group that failed.",
      "",
      "Who receives them: Hermes subscribers of other groups ack them without handling them. All"
          + " other consumers receive them again. A redriven record comes after all records that"
          + " followed it when it failed, so its handler must expect an old event after newer ones of"
          + " the same key. The redriven records of a key keep their order.",
      "",
      "Resuming: each redriven record is remembered on the brokers, as commits of the groups"
          + " hermes-redrive.<topic>.<n>, with the prefix HERMES_TOPIC_PREFIX. So the same command, or one"
          + " with other filters, continues with the rest after Ctrl-C, after an error, or after kill -9, which duplicates at most"
          + " the 500 records that were sent since the last commit. Brokers forget these commits after"
          + " offsets.retention.minutes (7 days by default). If two redrives run at the same time, one"
          + " of them stops.",
      "",
      "The command stops at the end that the topic had when it started, so it never chases records"
          + " that fail again. A record that cannot be redriven is reported with its offset and the"
          + " reason, stays where it is, and makes the exit code 1."
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
      description = "Records a second. Default: as fast as they are acknowledged.")
  private @Nullable Double rate;

  @Option(
      names = "--max-redrives",
      paramLabel = "<n>",
      defaultValue = "3",
      description =
          "Skip a record that was already redriven this many times and failed each time. Default: 3.")
  private int maxRedrives;

  @Option(names = "--dry-run", description = "Show what would be done without doing it.")
  private boolean dryRun;

  @Mixin private final Confirmation confirmation = new Confirmation();

  // The results of the first pass.
  private final Map<Integer, Long> last = new HashMap<>(); // the last offset of each partition
  private final Map<String, Long> groups = new TreeMap<>();
  private long planned;
  private long left;
  private long before;

  DltRedriveCommand(Console console, Stop stop, Map<String, String> environment) {
    super(console, stop, environment);
  }

  @Override
  int run(KafkaSettings settings, Contracts contracts) {
    filter.check(console, kafka.names(), contracts, topic);
    Numbers.require(rate == null || rate > 0, "--rate", "more than zero", rate);
    Numbers.require(maxRedrives >= 1, "--max-redrives", "1 or more", maxRedrives);
    try (DeadLetterTopics cluster = connect(settings, contracts)) {
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

  /** Reads all records once, to report what will be redriven before anything is. */
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
            console.out().println("skipped " + Redrive.position(record) + ": " + obstacle);
          }
          return true;
        });
    console.out().flush();
  }

  /** Why a record cannot be redriven; null if it can. */
  private @Nullable String obstacle(DeadLetterTopics cluster, DeadLetter letter) {
    String origin = letter.topic();
    if (origin == null || letter.group() == null) {
      return "it has no header "
          + (origin == null ? DeadLetterHeaders.TOPIC : DeadLetterHeaders.GROUP)
          + ", so "
          + (origin == null ? "its topic" : "its group")
          + " is unknown";
    }
    if (!DeadLetterHeaders.topicOf(origin).equals(topic)) {
      return "it came from "
          + Text.printable(origin)
          + ", whose dead-letter topic is "
          + Text.printable(DeadLetterHeaders.topicOf(origin));
    }
    if (!cluster.exists(origin)) {
      return "topic " + origin + " no longer exists";
    }
    return letter.redrives() >= maxRedrives
        ? "it was redriven "
            + Units.count(letter.redrives(), "time")
            + " and failed again (--max-redrives)"
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
        + "? Consumers other than Hermes subscribers receive them again.";
  }

  private Redrive redrive(
      DeadLetterTopics cluster, Contracts contracts, RedriveLedger ledger, KafkaSettings settings) {
    EventJson json = contracts.json(false);
    try (Progress progress = Progress.of(console, "redriving", planned);
        HermesReader<DynamicMessage> reader = cluster.read(topic, filter.start());
        Redrive redrive = new Redrive(settings, ledger, stop, progress, rate)) {
      redrive.run(
          reader,
          record -> {
            DeadLetter letter = DeadLetter.ofAny(record.headers());
            return record.offset() <= last.getOrDefault(record.partition(), -1L)
                    && !ledger.has(record.partition(), record.offset())
                    && filter.takes(record, contracts, json)
                    && obstacle(cluster, letter) == null
                ? letter.original(record)
                : null;
          });
      return redrive;
    }
  }

  private int finish(Redrive redrive) {
    redrive.refused().forEach(line -> console.out().println("skipped " + line));
    left += redrive.refused().size();
    long missing = planned - redrive.acknowledged() - redrive.refused().size();
    NamedLines facts = new NamedLines();
    facts.add("redriven", letters(redrive.acknowledged()));
    if (missing > 0) {
      facts.add("not redriven", Units.count(missing) + ": run the same command again to continue");
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
      facts.add("skipped", Units.count(left) + ", as above");
    }
    if (before > 0) {
      facts.add("before", Units.count(before) + " already redriven");
    }
  }
}
