package io.hermes.cli.broker;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.DynamicMessage;
import io.hermes.Topic;
import io.hermes.UnknownTopicException;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.JsonOption;
import io.hermes.cli.console.OutputOption;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.Contracts;
import io.hermes.kafka.TopicAdmin;
import io.hermes.kafka.TopicDifference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The topics that the contracts name, on a cluster. */
@Command(
    name = "topics",
    description = "Compare the topics of all contracts with a cluster, and create missing ones.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes topics plan   what is missing or different; changes nothing",
      "  ./hermes topics apply  creates what is missing, and nothing else"
    })
public final class TopicsCommand {

  private TopicsCommand() {}

  public static CommandLine commandLine(Console console, Map<String, String> environment) {
    return new CommandLine(new TopicsCommand())
        .addSubcommand(new Plan(console, environment))
        .addSubcommand(new Apply(console, environment));
  }

  /** Compares topics with their contracts. */
  @Command(
      name = "plan",
      description = {
        "Compare the contracts with a cluster, and change nothing: missing topics, partitions,"
            + " cleanup.policy and retention.ms. What a contract leaves to the broker is not"
            + " compared.",
        "With --format strimzi it needs no cluster: it writes the contracts' topics and their"
            + " dead-letter topics as KafkaTopic resources, for clusters whose topics Strimzi's Topic"
            + " Operator creates."
      },
      exitCodeList = {
        "0:The cluster matches the contracts.",
        "1:It failed; see standard error.",
        "2:The options or settings are wrong.",
        "3:A topic is missing, or different, or cannot be described (missing ACL)."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  ./hermes topics plan",
        "  ./hermes topics plan --json | jq -r 'select(.state == \"missing\") | .topic'",
        "  ./hermes topics plan --format strimzi > topics.yaml"
      })
  private static final class Plan extends EachTopic {

    private enum Format {
      text,
      json,
      strimzi
    }

    @Option(
        names = "--format",
        paramLabel = "<format>",
        defaultValue = "text",
        description =
            "text (the default); json: one object on each line; or strimzi: KafkaTopic resources.")
    private Format format = Format.text;

    @Mixin private final JsonOption json = new JsonOption();

    @Mixin private final ResourceOption resources = new ResourceOption();

    Plan(Console console, Map<String, String> environment) {
      super(console, environment);
    }

    @Override
    public Integer call() {
      if (!isJson() && format == Format.strimzi) {
        print(new StrimziTopics(contracts(), resources.cluster()).yaml());
        return 0;
      }
      return super.call();
    }

    @Override
    boolean isJson() {
      return json.isJson(format, Format.text);
    }

    @Override
    State handle(TopicAdmin admin, List<Topic<DynamicMessage>> contracts) {
      try {
        return compare(admin, contracts);
      } catch (UnknownTopicException e) {
        return new State(Outcome.MISSING);
      }
    }
  }

  /** Creates missing topics. */
  @Command(
      name = "apply",
      description = {
        "Create the topics that are missing on a cluster, as their contracts say, and change"
            + " nothing else. Every other difference is shown with its consequence: if you accept"
            + " that, make the change with Kafka's own kafka-topics.sh or"
            + " kafka-configs.sh.",
        "The command refuses clusters that Strimzi manages, where the Topic Operator creates topics"
            + " from the output of topics plan --format strimzi."
      },
      exitCodeList = {
        "0:The cluster now matches the contracts.",
        "1:It failed; see standard error.",
        "2:The options or settings are wrong.",
        "3:An existing topic is different, or cannot be described (missing ACL)."
      },
      footerHeading = "%nExamples:%n",
      footer = {"  ./hermes topics apply", "  ./hermes topics apply --broker kafka-1:9092 --json"})
  private static final class Apply extends EachTopic {

    @Option(
        names = "--no-operator",
        description =
            "Create topics although Strimzi runs the brokers: for a cluster without Topic"
                + " Operator.")
    private boolean noOperator;

    @Mixin private final OutputOption output = new OutputOption();

    Apply(Console console, Map<String, String> environment) {
      super(console, environment);
    }

    @Override
    boolean isJson() {
      return output.isJson();
    }

    @Override
    public Integer call() {
      if (!noOperator) {
        refuseIfOperated();
      }
      return super.call();
    }

    @Override
    State handle(TopicAdmin admin, List<Topic<DynamicMessage>> contracts) {
      return admin.createIfMissing(contracts.get(0))
          ? new State(Outcome.CREATED)
          : compare(admin, contracts);
    }
  }

  /** The state of a topic, or what was done; the names are those in the output. */
  private enum Outcome {
    SAME(Style.fg_green),
    MISSING(Style.fg_red),
    CREATED(Style.fg_green),
    DIFFERS(Style.fg_yellow);

    private final Style style;

    Outcome(Style style) {
      this.style = style;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A topic's state on the cluster. */
  private record State(Outcome outcome, List<TopicDifference> differences) {

    State(Outcome outcome) {
      this(outcome, List.of());
    }
  }

  /** Handles the topics one by one; results so far are shown even if a later topic fails. */
  private abstract static class EachTopic extends ClusterComparison {

    private static final String INDENT = " ".repeat(9);

    EachTopic(Console console, Map<String, String> environment) {
      super(console, environment, INDENT.length() - 2);
    }

    abstract State handle(TopicAdmin admin, List<Topic<DynamicMessage>> contracts);

    void refuseIfOperated() {
      ClusterOwner.refuseIfOperated(
          settings(),
          console(),
          "Topic Operator creates topics",
          "./hermes topics plan --format strimzi");
    }

    static State compare(TopicAdmin admin, List<Topic<DynamicMessage>> contracts) {
      List<TopicDifference> differences =
          contracts.stream()
              .flatMap(contract -> admin.compare(contract).stream())
              .distinct()
              .toList();
      return differences.isEmpty()
          ? new State(Outcome.SAME)
          : new State(Outcome.DIFFERS, differences);
    }

    @Override
    public Integer call() {
      Contracts contracts = contracts();
      int missing = 0;
      int different = 0;
      try (TopicAdmin admin = TopicAdmin.connect(settings())) {
        for (String topic : contracts.names()) {
          List<Topic<DynamicMessage>> onTopic = contracts.on(topic);
          State state = handle(admin, onTopic);
          if (isJson()) {
            OutputOption.print(console(), json(topic, state));
          } else {
            print(onTopic.get(0), contracts.messages(topic), state);
          }
          missing += state.outcome == Outcome.MISSING ? 1 : 0;
          different += state.differences.isEmpty() ? 0 : 1;
        }
      }
      return summary(missing, different);
    }

    private int summary(int missing, int different) {
      List<String> differences = new ArrayList<>();
      if (missing > 0) {
        differences.add(
            Units.count(missing, "topic") + " missing. To create: ./hermes topics apply.");
      }
      if (different > 0) {
        differences.add(
            Units.count(different, "topic")
                + " different from the contract. Hermes does not change existing topics.");
      }
      return summary(differences);
    }

    private static JsonObject json(String topic, State state) {
      JsonObject line = new JsonObject();
      line.addProperty("topic", topic);
      line.addProperty("state", state.outcome.word());
      JsonArray differences = new JsonArray();
      for (TopicDifference difference : state.differences) {
        JsonObject object = new JsonObject();
        object.addProperty("setting", difference.setting());
        object.addProperty("actual", difference.actual());
        object.addProperty("contract", difference.contract());
        object.addProperty("consequence", Consequence.of(difference));
        differences.add(object);
      }
      line.add("differences", differences);
      return line;
    }

    private void print(Topic<?> contract, String messages, State state) {
      String settings =
          state.outcome == Outcome.MISSING || state.outcome == Outcome.CREATED
              ? ", " + settings(contract)
              : "";
      printState(
          state.outcome.word(), state.outcome.style, contract.name() + settings + ": " + messages);
      for (TopicDifference difference : state.differences) {
        String actual = difference.actual() == null ? "not visible" : difference.actual();
        console()
            .out()
            .println(
                INDENT
                    + difference.setting()
                    + " is "
                    + actual
                    + ", its contract says "
                    + difference.contract());
        console().out().println(INDENT + "  " + Consequence.of(difference));
      }
    }

    private static String settings(Topic<?> contract) {
      StringBuilder settings =
          new StringBuilder(
              contract.partitions().isPresent()
                  ? Units.count(contract.partitions().getAsInt(), "partition")
                  : "the broker's default number of partitions");
      contract
          .configuration()
          .forEach((name, value) -> settings.append(", ").append(name).append('=').append(value));
      return settings.toString();
    }
  }
}
