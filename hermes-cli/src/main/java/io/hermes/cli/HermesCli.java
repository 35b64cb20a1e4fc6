package io.hermes.cli;

import io.hermes.ContractException;
import io.hermes.HermesException;
import io.hermes.SettingsException;
import io.hermes.cli.broker.AclsCommand;
import io.hermes.cli.broker.BrokerCommand;
import io.hermes.cli.broker.TopicsCommand;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.ExitCode;
import io.hermes.cli.console.Misspelling;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Version;
import io.hermes.cli.contracts.SchemaCommand;
import io.hermes.cli.dictionary.DictionaryCommand;
import io.hermes.cli.dlt.DltCommand;
import io.hermes.cli.doctor.DoctorCommand;
import io.hermes.cli.groups.GroupsCommand;
import io.hermes.cli.groups.TopCommand;
import io.hermes.cli.outbox.OutboxCommand;
import io.hermes.cli.records.ConsumeCommand;
import io.hermes.cli.records.DemoCommand;
import io.hermes.cli.records.ProduceCommand;
import io.hermes.kafka.KafkaFailures;
import io.hermes.testkit.KafkaStartException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The {@code hermes} command: parses the command line, runs a subcommand, and reports a failure in
 * one line.
 */
@Command(
    name = "hermes",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    description =
        "Publish and read typed events on Kafka, and try it out without installing anything.",
    usageHelpAutoWidth = false,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Success. Also if the reader of a pipe ends first, as with | head.",
      "1:Failure; see the line on standard error. Also if standard output cannot be written,"
          + " as on a full disk.",
      "2:Invalid options or settings.",
      "3:topics or acls: the cluster differs from what is required.",
      "130:Ended by Ctrl-C after a clean shutdown. 143: by SIGTERM."
    },
    footerHeading = "%nVariables:%n",
    footer = {
      "  KAFKA_BROKER         The addresses of Kafka; --broker overrides it.",
      "  HERMES_TOPIC_PREFIX  The prefix of all topics and groups on the cluster. Type",
      "                       names with or without it.",
      "  HERMES_CLASSPATH     Where the contracts and JDBC drivers are; --classpath",
      "                       overrides it.",
      "  HERMES_JDBC_URL, HERMES_JDBC_PASSWORD",
      "                       The database of an outbox; --jdbc-url overrides it.",
      "  KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_*, KAFKA_SSL_*",
      "                       TLS and passwords."
    })
public final class HermesCli {

  @CommandLine.Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show stack traces, and the logs of Kafka's client and broker.")
  @SuppressWarnings("UnusedVariable") // main() checks for it before anything logs
  private boolean debug;

  private HermesCli() {}

  /**
   * Runs a command and exits the process.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    if (Arrays.asList(args).contains("--debug")) {
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
      System.setProperty("org.slf4j.simpleLogger.log.io.hermes", "debug");
      System.setProperty(
          "org.slf4j.simpleLogger.log.io.hermes.subscribe.HermesSubscriber", "debug");
    }
    // Kafka's broker loads Log4j, which would report that it cannot register its shutdown hook if
    // Ctrl-C interrupts the start.
    System.setProperty("log4j2.shutdownHookEnabled", "false");
    Stop stop = Stop.onSignals();
    int exitCode = ExitCode.FAILURE;
    try {
      exitCode = run(Console.standard(), stop, System.getenv(), args);
    } finally {
      stop.commandEnded();
    }
    if (!stop.isRequested()) {
      System.exit(exitCode);
    }
  }

  /**
   * Runs a command.
   *
   * @return its exit code
   */
  public static int run(
      Console console, Stop stop, Map<String, String> environment, String... args) {
    CommandLine hermes = commandLine(console, stop, environment);
    hermes.setParameterExceptionHandler((e, ignored) -> misused(console, e));
    hermes.setExecutionExceptionHandler(
        (e, ignored, parsed) -> failed(console, stop, e, Arrays.asList(args).contains("--debug")));
    int exitCode = args.length == 0 ? hermes.execute("--help") : hermes.execute(args);
    String problem = console.outputProblem();
    if (problem == null) {
      return exitCode;
    }
    console.say("Standard output cannot be written: " + problem + ". The output is incomplete.");
    return ExitCode.FAILURE;
  }

  /** The commands and the converters of their options. */
  static CommandLine commandLine(Console console, Stop stop, Map<String, String> environment) {
    CommandLine hermes = new CommandLine(new HermesCli());
    hermes.addSubcommand(new DemoCommand(console, stop));
    hermes.addSubcommand(new ProduceCommand(console, stop, environment));
    hermes.addSubcommand(new ConsumeCommand(console, stop, environment));
    hermes.addSubcommand(new BrokerCommand(console, stop, environment));
    hermes.addSubcommand(SchemaCommand.commandLine(console, environment));
    hermes.addSubcommand(TopicsCommand.commandLine(console, environment));
    hermes.addSubcommand(AclsCommand.commandLine(console, environment));
    hermes.addSubcommand(new DoctorCommand(console, stop, environment));
    hermes.addSubcommand(GroupsCommand.commandLine(console, stop, environment));
    hermes.addSubcommand(new TopCommand(console, stop, environment));
    hermes.addSubcommand(DictionaryCommand.commandLine(console, stop, environment));
    hermes.addSubcommand(DltCommand.commandLine(console, stop, environment));
    hermes.addSubcommand(OutboxCommand.commandLine(console, stop, environment));
    hermes.setOut(console.out());
    hermes.setErr(console.err());
    hermes.setColorScheme(
        Help.defaultColorScheme(console.look().colour() ? Help.Ansi.ON : Help.Ansi.OFF));
    hermes.setUsageHelpWidth(Math.min(120, Math.max(80, console.width())));
    hermes.setUsageHelpLongOptionsMaxWidth(36);
    hermes.setCaseInsensitiveEnumValuesAllowed(true);
    return hermes;
  }

  private static int misused(Console console, ParameterException e) {
    String command = "./" + e.getCommandLine().getCommandSpec().qualifiedName();
    String problem = String.valueOf(e.getMessage()).replaceFirst("^Error: ", "");
    Set<String> subcommands = e.getCommandLine().getSubcommands().keySet();
    console.say(
        problem
                .replaceFirst(
                    "^Unmatched arguments? (at|from) index \\d+:",
                    subcommands.isEmpty() ? "Unexpected argument:" : "Unknown command:")
                .replaceFirst("is not an? (int|long)$", "is not a whole number")
                .replaceFirst("is not a double$", "is not a number")
                .replaceFirst("required subcommand$", "$0: " + String.join(", ", subcommands))
            + (problem.endsWith(".") ? "" : ".")
            + (e instanceof UnmatchedArgumentException unmatched ? suggestion(unmatched) : "")
            + " See "
            + command
            + " --help.");
    return ExitCode.USAGE;
  }

  private static String suggestion(UnmatchedArgumentException e) {
    CommandLine command = e.getCommandLine();
    String given = e.getUnmatched().get(0).replaceFirst("=.*", "");
    return Misspelling.hint(
        given,
        given.startsWith("-")
            ? command.getCommandSpec().optionsMap().keySet()
            : command.getSubcommands().keySet());
  }

  /**
   * Whether the JVM is shutting down, and so rejects the shutdown hook of a broker that is
   * starting.
   */
  private static boolean isOfShutdown(Exception e) {
    return e instanceof IllegalStateException && "Shutdown in progress".equals(e.getMessage());
  }

  private static int failed(Console console, Stop stop, Exception e, boolean debug) {
    console.out().flush();
    if (debug) {
      e.printStackTrace(console.err());
    }
    if (e instanceof KafkaException) {
      return failed(console, stop, KafkaFailures.translate(e, "the broker", null), false);
    }
    if (stop.isRequested() && (e instanceof KafkaStartException || isOfShutdown(e))) {
      return ExitCode.FAILURE; // a start interrupted by Ctrl-C is not an error
    }
    if (e instanceof HermesException || e instanceof KafkaStartException) {
      console.say(String.valueOf(e.getMessage()));
      return e instanceof SettingsException || e instanceof ContractException
          ? ExitCode.USAGE
          : ExitCode.FAILURE;
    }
    console.say(
        "Internal error of Hermes: " + e + (debug ? "" : " (Use --debug to see the stack trace.)"));
    return ExitCode.FAILURE;
  }
}
