package io.hermes.cli.broker;

import com.google.gson.JsonObject;
import io.hermes.SettingsException;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.JsonOption;
import io.hermes.cli.console.OutputOption;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.Contracts;
import io.hermes.kafka.KafkaSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.resource.ResourcePattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi.Style;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The ACLs that programs need. */
@Command(
    name = "acls",
    description = {
      "Compare the ACLs of a program with what it needs, and create missing ones.",
      "A program is one user. Name everything it does in one command: what the cluster allows it"
          + " beyond that is reported."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes acls plan --program billing --subscribe orders.events",
      "  ./hermes acls apply --program billing --subscribe orders.events"
    })
public final class AclsCommand {

  private AclsCommand() {}

  public static CommandLine commandLine(Console console, Map<String, String> environment) {
    return new CommandLine(new AclsCommand())
        .addSubcommand(new Plan(console, environment))
        .addSubcommand(new Apply(console, environment));
  }

  /** Compares ACLs with what a program needs, or prints them for other tools. */
  @Command(
      name = "plan",
      description = {
        "Compare the ACLs of a program with what it needs, and change nothing.",
        "With --format commands or strimzi it needs no cluster: it writes commands of"
            + " kafka-acls.sh, or a KafkaUser resource."
      },
      exitCodeList = {
        "0:The program has the ACLs that it needs, and no others.",
        "1:It failed; see standard error.",
        "2:The options or settings are wrong.",
        "3:An ACL is missing, or there is one that the program does not need."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  ./hermes acls plan --program billing --publish user.events",
        "  ./hermes acls plan --program billing --subscribe orders.events \\",
        "    --format commands",
        "  ./hermes acls plan --program billing --pipe --subscribe orders.events \\",
        "    --publish payments.events"
      })
  private static final class Plan extends OfProgram {

    private enum Format {
      text,
      json,
      commands,
      strimzi
    }

    @Option(
        names = "--format",
        paramLabel = "<format>",
        defaultValue = "text",
        description =
            "text (the default); json: one object on each line; commands: lines with kafka-acls.sh;"
                + " or strimzi: a KafkaUser resource.")
    private Format format = Format.text;

    @Mixin private final JsonOption json = new JsonOption();

    @Mixin private final ResourceOption resources = new ResourceOption();

    Plan(Console console, Map<String, String> environment) {
      super(console, environment);
    }

    @Override
    boolean isJson() {
      return json.isJson(format, Format.text);
    }

    @Override
    int handle(Program program, KafkaSettings settings) {
      switch (isJson() ? Format.json : format) {
        case commands -> {
          Object protocol = settings.adminProperties(Map.of()).get("security.protocol");
          boolean secured = protocol != null && !"PLAINTEXT".equals(protocol);
          print(AclText.commands(program, settings.bootstrapServers(), secured));
        }
        case strimzi -> {
          if (!Strimzi.isResourceName(program.name())) {
            throw new SettingsException(
                "--program " + program.name() + ": a KafkaUser cannot have this name.",
                "Use lower-case letters, digits, dots and hyphens.",
                null);
          }
          print(AclText.strimzi(program, resources.cluster()));
        }
        default -> {
          try (ProgramAcls acls = ProgramAcls.connect(settings)) {
            return show(acls.compare(program), "missing", "To create: ./hermes acls apply.");
          }
        }
      }
      return 0;
    }
  }

  /** Creates missing ACLs. */
  @Command(
      name = "apply",
      description = {
        "Create the ACLs that a program needs and does not have. Others are reported, never"
            + " removed.",
        "The command refuses clusters that Strimzi manages, where the User Operator creates ACLs"
            + " from the output of acls plan --format strimzi."
      },
      exitCodeList = {
        "0:The program now has the ACLs that it needs, and no others.",
        "1:It failed; see standard error.",
        "2:The options or settings are wrong.",
        "3:There is an ACL that the program does not need."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  ./hermes acls apply --program billing --publish user.events",
        "  ./hermes acls apply --program billing --subscribe orders.events \\",
        "    --group billing --group billing-replay"
      })
  private static final class Apply extends OfProgram {

    @Option(
        names = "--no-operator",
        description =
            "Create ACLs although Strimzi runs the brokers: for a cluster without User Operator.")
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
    int handle(Program program, KafkaSettings settings) {
      if (!noOperator) {
        refuseIfOperated(settings);
      }
      try (ProgramAcls acls = ProgramAcls.connect(settings)) {
        ProgramAcls.Comparison found = acls.compare(program);
        acls.create(found.missing());
        return show(found, "created", null);
      }
    }
  }

  /** What both commands share: the options that describe the program, and the output. */
  private abstract static class OfProgram extends ClusterComparison {

    @Option(
        names = "--program",
        paramLabel = "<user>",
        required = true,
        description =
            "The user that the program logs in as; with mTLS the subject of its certificate, such"
                + " as CN=billing.")
    private String program = "";

    @Option(
        names = "--publish",
        paramLabel = "<topic>",
        description = "A topic that it publishes to; repeatable.")
    private List<String> publish = List.of();

    @Option(
        names = "--subscribe",
        paramLabel = "<topic>",
        description = "A topic that it subscribes to; repeatable. Includes its dead letters.")
    private List<String> subscribe = List.of();

    @Option(
        names = "--read",
        paramLabel = "<topic>",
        description = "A topic that it reads without a group; repeatable.")
    private List<String> read = List.of();

    @Option(
        names = "--group",
        paramLabel = "<group>",
        description = "A group of its subscribers; repeatable. Default: the name of --program.")
    private List<String> groups = List.of();

    @Option(
        names = "--pipe",
        description =
            "Its subscribers are pipes: adds the transactional ids that start with <group>-pipe-."
                + " Name the topics that they emit to with --publish.")
    private boolean pipe;

    @Option(
        names = "--transactions",
        paramLabel = "<client-id>",
        description =
            "The client id of a transactional publisher; repeatable. Adds the transactional ids that"
                + " start with <client-id>-transactions-.")
    private List<String> transactions = List.of();

    OfProgram(Console console, Map<String, String> environment) {
      super(console, environment, 7);
    }

    abstract int handle(Program program, KafkaSettings settings);

    @Override
    public Integer call() {
      if (program.isBlank() || program.startsWith("User:")) {
        throw new SettingsException(
            "--program needs the name of a user, without User: before it.", null);
      }
      if (publish.isEmpty() && subscribe.isEmpty() && read.isEmpty()) {
        throw new SettingsException(
            "Say what " + program + " does: --publish, --subscribe or --read a topic.", null);
      }
      // A misspelled topic would get an ACL, and the missing one would only be noticed when the
      // program is rejected.
      Contracts contracts = contracts();
      List<String> published = topics(publish);
      List<String> subscribed = topics(subscribe);
      List<String> reads = topics(read);
      published.forEach(contracts::on);
      subscribed.forEach(contracts::on);
      reads.forEach(contracts::toRead);
      List<String> ofSubscribers =
          (groups.isEmpty() ? List.of(program) : groups).stream().map(names()::group).toList();
      List<String> transactional = new ArrayList<>();
      if (pipe) {
        if (subscribed.isEmpty()) {
          throw new SettingsException(
              "--pipe needs the topic that the pipe handles.", "Add --subscribe.", null);
        }
        ofSubscribers.forEach(group -> transactional.add(group + "-pipe-"));
      }
      transactions.forEach(id -> transactional.add(names().group(id) + "-transactions-"));
      return handle(
          new Program(program, published, subscribed, reads, ofSubscribers, transactional),
          settings());
    }

    private List<String> topics(List<String> typed) {
      return typed.stream().map(names()::topic).toList();
    }

    void refuseIfOperated(KafkaSettings settings) {
      ClusterOwner.refuseIfOperated(
          settings, console(), "User Operator creates ACLs", "./hermes acls plan --format strimzi");
    }

    /** Prints ACLs by resource, and returns the exit code. */
    int show(ProgramAcls.Comparison found, String missing, @Nullable String advice) {
      show("same", Style.fg_green, found.same());
      show(missing, advice == null ? Style.fg_green : Style.fg_red, found.missing());
      show("extra", Style.fg_yellow, found.extra());
      List<String> differences = new ArrayList<>();
      if (advice != null && !found.missing().isEmpty()) {
        differences.add(Units.count(found.missing().size(), "ACL") + " missing. " + advice);
      }
      if (!found.extra().isEmpty()) {
        differences.add(
            Units.count(found.extra().size(), "ACL")
                + " that "
                + program
                + " does not need. Hermes does not remove ACLs: use kafka-acls.sh --remove.");
      }
      return summary(differences);
    }

    private void show(String state, Style style, Set<AclBinding> acls) {
      for (ResourcePattern resource : Program.resources(acls)) {
        String type = resource.resourceType().name().toLowerCase(Locale.ROOT);
        String pattern = resource.patternType().name().toLowerCase(Locale.ROOT);
        if (isJson()) {
          for (AclBinding acl : acls) {
            if (acl.pattern().equals(resource)) {
              JsonObject line = new JsonObject();
              line.addProperty("state", state);
              line.addProperty("principal", acl.entry().principal());
              line.addProperty("resource", type);
              line.addProperty("name", resource.name());
              line.addProperty("pattern", pattern);
              line.addProperty("operation", Program.word(acl.entry().operation().name()));
              line.addProperty("permission", Program.word(acl.entry().permissionType().name()));
              OutputOption.print(console(), line);
            }
          }
        } else {
          printState(
              state,
              style,
              type.replace('_', ' ')
                  + ' '
                  + Text.printable(resource.name())
                  + (pattern.equals("literal") ? "" : " (" + pattern + ")")
                  + ": "
                  + String.join(", ", Program.operations(acls, resource)));
        }
      }
    }
  }
}
