package io.hermes.cli.groups;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.NamedLines;
import io.hermes.cli.console.OutputOption;
import io.hermes.cli.console.Table;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.cli.groups.GroupState.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** One group, partition by partition. */
@Command(
    name = "show",
    description = {
      "Show a group's members, and for each partition its committed offset, its lag, and the"
          + " age of the oldest unfinished record.",
      "AHEAD counts records that Hermes subscribers have finished out of order; they are"
          + " part of the lag, but are not redelivered. The age needs READ on the topic."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes groups show billing",
      "  ./hermes groups show billing --json | jq '.partitions[] | select(.lag > 0)'"
    })
final class GroupShowCommand extends GroupCommand {

  @Mixin private final OutputOption output = new OutputOption();

  GroupShowCommand(Console console, Map<String, String> environment) {
    super(console, environment);
  }

  @Override
  int run() {
    try (GroupAdmin admin = GroupAdmin.connect(kafka)) {
      ConsumerGroupDescription group = admin.describe(name);
      GroupState state = GroupState.of(admin, Map.of(name, group)).get(0);
      Map<TopicPartition, Long> oldest = new HashMap<>();
      for (Position position : state.positions()) {
        Long offset = position.oldest();
        if (offset != null) {
          oldest.put(position.id(), offset);
        }
      }
      Map<TopicPartition, Long> written = admin.timestamps(oldest);
      if (output.isJson()) {
        OutputOption.print(console, json(state, written));
      } else {
        print(state, written);
      }
    }
    return 0;
  }

  private void print(GroupState state, Map<TopicPartition, Long> written) {
    Instant now = Instant.now();
    facts(state, written, now).print(console);
    if (!state.group().members().isEmpty()) {
      console.out().println();
      members(state).print(console);
    }
    if (!state.positions().isEmpty()) {
      console.out().println();
      partitions(state, written, now).print(console);
    }
    console.out().flush();
    for (Position position : state.positions()) {
      String remark = remark(position);
      if (remark != null) {
        console.err().println(position.id() + ": " + remark);
      }
    }
  }

  private static NamedLines facts(
      GroupState state, Map<TopicPartition, Long> written, Instant now) {
    NamedLines facts = new NamedLines();
    facts.add("group", Text.printable(state.group().groupId()));
    facts.add("protocol", GroupJson.protocol(state.group()));
    facts.add("state", GroupJson.state(state.group()));
    Long lag = state.lag();
    String oldest =
        written.values().stream()
            .min(Comparator.naturalOrder())
            .map(time -> ", the oldest written " + age(time, now) + " ago")
            .orElse("");
    facts.add(
        "lag",
        lag == null
            ? "not known: nothing is committed for a topic that you may describe"
            : Units.count(lag, "record") + oldest);
    return facts;
  }

  private static Table members(GroupState state) {
    Table table = new Table("MEMBER", "HOST", " PARTITIONS", "STATIC NAME");
    for (MemberDescription member : state.group().members()) {
      table.add(
          Text.printable(member.clientId()),
          GroupJson.host(member),
          Units.count(member.assignment().topicPartitions().size()),
          Text.printable(member.groupInstanceId().orElse("-")));
    }
    return table;
  }

  private static Table partitions(
      GroupState state, Map<TopicPartition, Long> written, Instant now) {
    Table table =
        new Table(
            "TOPIC", " PARTITION", " COMMITTED", " END", " LAG", " AHEAD", " OLDEST", "MEMBER");
    for (Position position : state.positions()) {
      Long lag = position.lag();
      Long time = written.get(position.id());
      MemberDescription member = position.member();
      table.add(
          position.id().topic(),
          Integer.toString(position.id().partition()),
          position.committed() == null ? "-" : Long.toString(position.committed()),
          position.log() == null ? "-" : Long.toString(position.end()),
          lag == null ? "-" : Units.count(lag),
          Units.count(position.ahead()),
          time == null ? "-" : age(time, now),
          member == null ? "-" : Text.printable(member.clientId()));
    }
    return table;
  }

  private static String age(long time, Instant now) {
    Duration age = Duration.between(Instant.ofEpochMilli(time), now);
    return Units.duration(age.isNegative() ? Duration.ZERO : age);
  }

  /** Remarks about a row. */
  private static @Nullable String remark(Position position) {
    if (position.log() == null) {
      return "the partition does not exist, or you lack DESCRIBE on the topic.";
    }
    if (position.commit() == null) {
      return null;
    }
    if (position.commit().isOfAnotherTopic()) {
      return "the commit is from before the topic was recreated: the group starts at the"
          + " beginning.";
    }
    if (position.commit().offset() < position.begin()) {
      return Units.count(position.begin() - position.commit().offset(), "record")
          + " removed by retention before the group handled them.";
    }
    return position.commit().offset() > position.end()
        ? "the commit is beyond the end: the log was truncated, or the topic recreated."
        : null;
  }

  private static JsonObject json(GroupState state, Map<TopicPartition, Long> written) {
    JsonObject json = GroupJson.head(state);
    json.addProperty("lag", state.lag());
    JsonArray members = new JsonArray();
    for (MemberDescription member : state.group().members()) {
      JsonObject one = new JsonObject();
      one.addProperty("id", member.consumerId());
      one.addProperty("clientId", member.clientId());
      one.addProperty("staticName", member.groupInstanceId().orElse(null));
      one.addProperty("host", GroupJson.host(member));
      one.addProperty("partitions", member.assignment().topicPartitions().size());
      members.add(one);
    }
    json.add("members", members);
    JsonArray partitions = new JsonArray();
    for (Position position : state.positions()) {
      partitions.add(json(position, written.get(position.id())));
    }
    json.add("partitions", partitions);
    return json;
  }

  private static JsonObject json(Position position, @Nullable Long time) {
    JsonObject json = new JsonObject();
    json.addProperty("topic", position.id().topic());
    json.addProperty("partition", position.id().partition());
    json.addProperty("committed", position.committed());
    json.addProperty("begin", position.log() == null ? null : position.begin());
    json.addProperty("end", position.log() == null ? null : position.end());
    json.addProperty("lag", position.lag());
    json.addProperty("finishedAhead", position.ahead());
    json.addProperty(
        "oldestUnfinished", time == null ? null : Text.time(Instant.ofEpochMilli(time)));
    json.addProperty("member", position.member() == null ? null : position.member().consumerId());
    json.addProperty("remark", remark(position));
    return json;
  }
}
