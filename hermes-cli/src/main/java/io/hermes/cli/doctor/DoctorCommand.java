package io.hermes.cli.doctor;

import com.google.gson.JsonObject;
import io.hermes.SettingsException;
import io.hermes.cli.broker.KafkaOptions;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.ExitCode;
import io.hermes.cli.console.OutputOption;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.ContractOptions;
import io.hermes.cli.contracts.Contracts;
import io.hermes.cli.doctor.Diagnosis.Finding;
import io.hermes.cli.doctor.Diagnosis.Result;
import io.hermes.kafka.KafkaSettings;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Finds what keeps programs from publishing and reading. */
@Command(
    name = "doctor",
    description = {
      "Find problems between this machine and Kafka, from versions and host names to"
          + " advertised addresses, permissions and topics, and say what to do about them.",
      "It changes nothing, and ends within half a minute."
    },
    exitCodeList = {
      "0:No check failed; warnings are possible.",
      "1:A check failed; see its line.",
      "2:Invalid options.",
      "130:Ended by Ctrl-C. 143: by SIGTERM."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./hermes doctor",
      "  ./hermes doctor --broker kafka-1:9092",
      "  ./hermes doctor --format json | jq -r 'select(.result == \"failure\") | .advice'"
    })
public final class DoctorCommand implements Callable<Integer> {

  private static final long TIMEOUT_MS = 30_000;
  private static final String INDENT = " ".repeat(24);

  private final Console console;
  private final Stop stop;
  @Mixin private final KafkaOptions kafka;
  @Mixin private final ContractOptions contractOptions;
  @Mixin private final OutputOption output = new OutputOption();

  public DoctorCommand(Console console, Stop stop, Map<String, String> environment) {
    this.console = console;
    this.stop = stop;
    this.kafka = new KafkaOptions(environment);
    this.contractOptions = new ContractOptions(environment);
  }

  @Override
  public Integer call() {
    Contracts contracts = contractOptions.contracts();
    Diagnosis diagnosis = new Diagnosis(this::show, stop, TIMEOUT_MS);
    LocalChecks.run(diagnosis);
    KafkaSettings settings = settings(diagnosis);
    if (settings != null) {
      new ConnectionChecks(diagnosis, settings, contracts.onCluster(kafka.names())).run();
    }
    if (!output.isJson()) {
      summary(diagnosis);
    }
    return diagnosis.count(Result.FAILURE) == 0 ? 0 : ExitCode.FAILURE;
  }

  private @Nullable KafkaSettings settings(Diagnosis diagnosis) {
    try {
      KafkaSettings settings = kafka.settings();
      String prefix = kafka.names().prefix();
      diagnosis.ok(
          "settings",
          "brokers "
              + settings.bootstrapServers()
              + ", "
              + ConnectionChecks.protocol(settings).toLowerCase(Locale.ROOT)
              + (prefix.isEmpty() ? "" : ", topic prefix " + prefix));
      return settings;
    } catch (SettingsException e) {
      diagnosis.failure("settings", e.problem(), e.advice().orElse("Correct that, and try again."));
      return null;
    }
  }

  private void show(Finding finding) {
    if (output.isJson()) {
      JsonObject json = new JsonObject();
      json.addProperty("check", finding.check());
      json.addProperty("result", finding.result().word());
      json.addProperty("text", finding.text());
      json.addProperty("advice", finding.advice());
      OutputOption.print(console, json);
    } else {
      String result = Text.left(finding.result().word(), 8);
      console
          .out()
          .println(
              console.style(finding.result().style(), result)
                  + " "
                  + Text.left(finding.check(), 14)
                  + " "
                  + Text.printable(finding.text()));
      if (finding.advice() != null) {
        console.out().println(INDENT + Text.printable(finding.advice()));
      }
    }
    console.out().flush();
  }

  private void summary(Diagnosis diagnosis) {
    long failures = diagnosis.count(Result.FAILURE);
    long warnings = diagnosis.count(Result.WARNING);
    String text =
        failures + warnings > 0
            ? Units.count(failures, "failure") + ", " + Units.count(warnings, "warning") + "."
            : diagnosis.count(Result.SKIPPED) > 0
                ? "Nothing is wrong with what was checked, but not everything was."
                : "All is well.";
    console.err().println(stop.isRequested() ? "Ended early. " + text : text);
  }
}
