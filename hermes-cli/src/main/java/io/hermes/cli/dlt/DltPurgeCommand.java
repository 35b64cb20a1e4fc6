package io.hermes.cli.dlt;

import io.hermes.SettingsException;
import io.hermes.cli.console.Confirmation;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.ExitCode;
import io.hermes.cli.console.NamedLines;
import io.hermes.cli.console.Numbers;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.Contracts;
import io.hermes.cli.dlt.DeadLetterTopics.Span;
import io.hermes.cli.records.PartitionOption;
import io.hermes.cli.records.TimeOption;
import io.hermes.kafka.KafkaSettings;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Permanently removes dead-letter records. */
@Command(
    name = "purge",
    description = {
      "Permanently remove the dead-letter records of a topic up to an offset or a time. The command"
          + " reports how many there are and how many of them were never redriven, then asks."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes dlt purge user.events-dlt --before-time 7d",
      "  ./hermes dlt purge user.events-dlt --before-time 2026-01-31T12:00:00Z --yes",
      "  ./hermes dlt purge user.events-dlt --before-offset 18 --partition 0"
    })
final class DltPurgeCommand extends DeadLetterCommand {

  @ArgGroup(multiplicity = "1")
  private Before before = new Before();

  @Mixin private final PartitionOption partition = new PartitionOption();

  @Mixin private final Confirmation confirmation = new Confirmation();

  /** The offset or time before which records are removed. */
  static final class Before {

    @Option(
        names = "--before-offset",
        paramLabel = "<offset>",
        description = "Records with smaller offsets.")
    private @Nullable Long offset;

    @Option(
        names = "--before-time",
        paramLabel = "<time>",
        converter = TimeOption.class,
        description =
            "Records that failed before this time: 2026-01-31T12:00:00Z, or an age such as 90s, 10m,"
                + " 2h or 7d.")
    private @Nullable Instant time;
  }

  DltPurgeCommand(Console console, Stop stop, Map<String, String> environment) {
    super(console, stop, environment);
  }

  @Override
  int run(KafkaSettings settings, Contracts contracts) {
    Numbers.require(
        before.offset == null || before.offset >= 0, "--before-offset", "0 or more", before.offset);
    try (DeadLetterTopics cluster = connect(settings, contracts)) {
      Map<Integer, Span> doomed = doomed(cluster);
      if (doomed.isEmpty()) {
        console.out().println("purged  nothing: " + topic + " has no matching dead-letter records");
        return 0;
      }
      if (!confirmation.isGiven(console, stop, () -> question(cluster, doomed))) {
        return ExitCode.FAILURE;
      }
      purge(cluster, doomed);
      return 0;
    }
  }

  /** The offsets to remove, for each partition that has any. */
  private Map<Integer, Span> doomed(DeadLetterTopics cluster) {
    Map<Integer, Span> spans = cluster.spans(topic);
    Integer only = partition.only();
    if (only != null && !spans.containsKey(only)) {
      throw new SettingsException(
          "--partition "
              + only
              + ": the last partition of "
              + topic
              + " is "
              + (spans.size() - 1)
              + ".",
          null);
    }
    Map<Integer, Long> byTime =
        before.time == null
            ? Map.of()
            : cluster.offsets(topic, OffsetSpec.forTimestamp(before.time.toEpochMilli()));
    Map<Integer, Span> doomed = new TreeMap<>();
    spans.forEach(
        (number, span) -> {
          long until = before.offset != null ? before.offset : byTime.getOrDefault(number, -1L);
          if (before.offset == null && until < 0) {
            until = span.end(); // all records are older
          }
          until = Math.min(until, span.end());
          if (until > span.begin() && partition.takes(number)) {
            doomed.put(number, new Span(span.begin(), until));
          }
        });
    return doomed;
  }

  private String question(DeadLetterTopics cluster, Map<Integer, Span> doomed) {
    RedriveLedger ledger = RedriveLedger.load(cluster, topic, doomed);
    long all = 0;
    long redriven = 0;
    for (Map.Entry<Integer, Span> entry : doomed.entrySet()) {
      Span span = entry.getValue();
      all += span.end() - span.begin();
      for (long offset = span.begin(); offset < span.end(); offset++) {
        redriven += ledger.has(entry.getKey(), offset) ? 1 : 0;
      }
    }
    return "Remove "
        + Units.count(all, "dead letter")
        + " of "
        + topic
        + " at "
        + cluster.where()
        + " for good, "
        + Units.count(all - redriven)
        + " of them never redriven?";
  }

  private void purge(DeadLetterTopics cluster, Map<Integer, Span> doomed) {
    Map<TopicPartition, RecordsToDelete> wanted = new HashMap<>();
    doomed.forEach(
        (partition, span) ->
            wanted.put(
                new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(span.end())));
    var answers = cluster.admin().deleteRecords(wanted).lowWatermarks();
    NamedLines facts = new NamedLines();
    try {
      doomed.forEach(
          (partition, span) -> {
            var answer = Objects.requireNonNull(answers.get(new TopicPartition(topic, partition)));
            long begin = cluster.await(answer, topic).lowWatermark();
            facts.add(
                "purged",
                topic
                    + "-"
                    + partition
                    + "  "
                    + Units.count(begin - span.begin(), "dead letter")
                    + ", offsets "
                    + span.begin()
                    + " to "
                    + (begin - 1));
          });
    } finally {
      facts.print(console); // even if another partition fails
    }
  }
}
