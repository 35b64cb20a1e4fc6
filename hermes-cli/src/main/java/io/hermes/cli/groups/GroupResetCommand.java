package io.hermes.cli.groups;

import com.google.gson.JsonObject;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.StartAt;
import io.hermes.cli.console.Confirmation;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.ExitCode;
import io.hermes.cli.console.NamedLines;
import io.hermes.cli.console.OutputOption;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Table;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.cli.groups.GroupReset.Move;
import io.hermes.cli.records.PartitionOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Changes where a group resumes. */
@Command(
    name = "reset",
    description = {
      "Change where a group resumes. For each partition, it shows how many records will be"
          + " redelivered or skipped, and asks for confirmation.",
      "Stop the group's members first; a group with members cannot be reset. A Hermes"
          + " subscriber then handles every record from the new offset on, including those"
          + " that it had already finished out of order."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes groups reset billing --to beginning --dry-run",
      "  ./hermes groups reset billing --to 2026-01-31T12:00:00Z --topic orders.events",
      "  ./hermes groups reset billing --to end --yes",
      "  ./hermes groups reset billing --to 1200 --topic orders.events --partition 3"
    })
final class GroupResetCommand extends GroupCommand {

  private final Stop stop;

  @Option(
      names = "--to",
      paramLabel = "<place>",
      required = true,
      converter = TargetOption.class,
      description =
          "Where to resume: beginning, end, a time such as 2026-01-31T12:00:00Z, a time in"
              + " milliseconds since 1970 (12 digits or more), a time ago such as 90s, 10m, 2h or"
              + " 7d, or an offset.")
  private StartAt to = StartAt.latest();

  @Option(
      names = "--topic",
      paramLabel = "<topic>",
      description =
          "Reset only this topic, even if the group has not committed for it yet;"
              + " repeatable. Default: all topics with a commit.")
  private List<String> topics = List.of();

  @Mixin private final PartitionOption partition = new PartitionOption();

  @Option(names = "--dry-run", description = "Show what would be done, but change nothing.")
  private boolean dryRun;

  @Mixin private final Confirmation confirmation = new Confirmation();

  @Mixin private final OutputOption output = new OutputOption();

  GroupResetCommand(Console console, Stop stop, Map<String, String> environment) {
    super(console, environment);
    this.stop = stop;
  }

  @Override
  int run() {
    if (kafka.names().isLedger(name)) {
      throw new SettingsException(
          name
              + " stores the progress of ./hermes dlt redrive and has no members, so it"
              + " cannot be reset.",
          null);
    }
    topics = topics.stream().map(kafka.names()::topic).toList();
    try (GroupAdmin admin = GroupAdmin.connect(kafka)) {
      ConsumerGroupDescription group = admin.describe(name);
      GroupState state = GroupState.of(admin, Map.of(name, group)).get(0);
      GroupReset reset =
          GroupReset.plan(
              admin,
              state.with(admin, topics.isEmpty() ? state.existingTopics() : topics),
              to,
              this::isWanted);
      if (reset.moves().isEmpty()) {
        throw new SettingsException(nothing(state), null);
      }
      if (!output.isJson()) {
        table(reset).print(console);
        console.out().println();
      }
      refuseMembers(group);
      if (dryRun || reset.changes().isEmpty()) {
        return ended(reset, dryRun ? "would reset" : "reset", false);
      }
      if (!confirmation.isGiven(console, stop, () -> question(admin, reset))) {
        return ExitCode.FAILURE;
      }
      reset.apply(admin, name);
      return ended(reset, "reset", true);
    }
  }

  private boolean isWanted(TopicPartition id) {
    return (topics.isEmpty() || topics.contains(id.topic())) && partition.takes(id.partition());
  }

  private String nothing(GroupState state) {
    return state.existingTopics().isEmpty() && topics.isEmpty()
        ? "Group %s has committed nothing for a topic that you may describe. Use --topic."
            .formatted(name)
        : "Partition %d does not exist in %s."
            .formatted(
                partition.only(), String.join(", ", topics.isEmpty() ? state.topics() : topics));
  }

  private void refuseMembers(ConsumerGroupDescription group) {
    if (!group.members().isEmpty()) {
      String members =
          group.members().stream()
              .limit(3)
              .map(GroupResetCommand::words)
              .collect(Collectors.joining(", "));
      throw new HermesException(
          "Group %s has %s (%s%s)."
              .formatted(
                  name,
                  Units.count(group.members().size(), "active member"),
                  members,
                  group.members().size() > 3 ? ", ..." : ""),
          "Stop them first: they would continue from their own position.",
          null);
    }
  }

  private static String words(MemberDescription member) {
    return member.clientId() + " on " + GroupJson.host(member);
  }

  private static Table table(GroupReset reset) {
    Table table = new Table("TOPIC", " PARTITION", " COMMITTED", " TO", "EFFECT");
    for (Move move : reset.moves()) {
      table.add(
          move.position().id().topic(),
          Integer.toString(move.position().id().partition()),
          move.committed() == null ? "-" : Long.toString(move.committed()),
          Long.toString(move.to()),
          move.effect());
    }
    return table;
  }

  private String question(GroupAdmin admin, GroupReset reset) {
    return "Reset "
        + Units.count(reset.changes().size(), "partition")
        + " of group "
        + Text.printable(name)
        + " at "
        + admin.where()
        + "? "
        + consequence(reset)
        + ".";
  }

  private static String consequence(GroupReset reset) {
    return Units.count(reset.again(), "record")
        + " redelivered, "
        + Units.count(reset.skipped())
        + " skipped";
  }

  private int ended(GroupReset reset, String verb, boolean done) {
    if (output.isJson()) {
      reset.moves().forEach(move -> OutputOption.print(console, json(move, done)));
      return ExitCode.OK;
    }
    NamedLines facts = new NamedLines();
    int count = reset.changes().size();
    facts.add(
        verb,
        count == 0
            ? "nothing: group " + Text.printable(name) + " resumes there already"
            : Units.count(count, "partition") + " of group " + Text.printable(name));
    facts.add("records", consequence(reset));
    facts.print(console);
    return ExitCode.OK;
  }

  private JsonObject json(Move move, boolean done) {
    JsonObject json = new JsonObject();
    json.addProperty("group", name);
    json.addProperty("topic", move.position().id().topic());
    json.addProperty("partition", move.position().id().partition());
    json.addProperty("committed", move.committed());
    json.addProperty("to", move.to());
    json.addProperty("again", move.again());
    json.addProperty("skipped", move.skipped());
    json.addProperty("reset", done && move.changes());
    return json;
  }
}
