package io.hermes.cli.groups;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.hermes.cli.broker.KafkaOptions;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.ExitCode;
import io.hermes.cli.console.OutputOption;
import io.hermes.cli.console.Table;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** All groups of a cluster. */
@Command(
    name = "list",
    description = {
      "List the consumer groups of a cluster that you may see, with their members, topics and lag;"
          + " with HERMES_TOPIC_PREFIX, those whose names start with it.",
      "Lag is the number of records from the committed offset to the end of the partition, over"
          + " all partitions for which the group has committed."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes groups list",
      "  ./hermes groups list --json | jq -r 'select(.lag > 100) | .group'"
    })
final class GroupListCommand implements Callable<Integer> {

  private final Console console;
  @Mixin private final KafkaOptions kafka;
  @Mixin private final OutputOption output = new OutputOption();

  GroupListCommand(Console console, Map<String, String> environment) {
    this.console = console;
    this.kafka = new KafkaOptions(environment);
  }

  @Override
  public Integer call() {
    try (GroupAdmin admin = GroupAdmin.connect(kafka)) {
      GroupAdmin.Described described = admin.describe(admin.names());
      List<GroupState> groups = GroupState.of(admin, described.groups());
      if (output.isJson()) {
        groups.forEach(group -> OutputOption.print(console, json(group)));
      } else if (groups.isEmpty() && described.refused().isEmpty()) {
        console.err().println("No consumer groups at " + admin.where() + ".");
      } else if (!groups.isEmpty()) {
        table(groups).print(console);
      }
      console.out().flush();
      String remark = described.remark();
      if (remark != null) {
        console.say(remark);
        return ExitCode.FAILURE;
      }
    }
    return 0;
  }

  private static Table table(List<GroupState> groups) {
    Table table = new Table("GROUP", "PROTOCOL", "STATE", " MEMBERS", " LAG", "TOPICS");
    for (GroupState state : groups) {
      Long lag = state.lag();
      table.add(
          Text.printable(state.group().groupId()),
          GroupJson.protocol(state.group()),
          GroupJson.state(state.group()),
          Units.count(state.group().members().size()),
          lag == null ? "-" : Units.count(lag),
          state.topics().isEmpty() ? "-" : String.join(", ", state.topics()));
    }
    return table;
  }

  private static JsonObject json(GroupState state) {
    JsonObject json = GroupJson.head(state);
    json.addProperty("members", state.group().members().size());
    JsonArray topics = new JsonArray();
    state.topics().forEach(topics::add);
    json.add("topics", topics);
    json.addProperty("lag", state.lag());
    return json;
  }
}
