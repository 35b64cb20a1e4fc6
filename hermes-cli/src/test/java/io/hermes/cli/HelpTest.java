package io.hermes.cli;

import static java.io.OutputStream.nullOutputStream;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.console.Console;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.Stop;
import io.hermes.cli.console.Units;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {

  @Test
  void namesTheCommandsAndExitCodes() {
    Run run = Run.hermes("", "--help");
    assertThat(run.out())
        .contains(
            "demo",
            "produce",
            "consume",
            "broker",
            "schema",
            "topics",
            "acls",
            "groups",
            "top",
            "dictionary",
            "doctor",
            "dlt",
            "outbox",
            "Exit codes:",
            "130");
    assertThat(run.exitCode()).isZero();
    assertThat(Run.hermes("").out()).isEqualTo(run.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "produce",
        "consume",
        "broker",
        "schema",
        "schema list",
        "schema show",
        "topics",
        "topics plan",
        "topics apply",
        "acls",
        "acls plan",
        "acls apply",
        "groups",
        "groups list",
        "groups show",
        "groups reset",
        "top",
        "dictionary",
        "dictionary train",
        "doctor",
        "dlt",
        "dlt list",
        "dlt show",
        "dlt redrive",
        "dlt purge",
        "outbox",
        "outbox list",
        "outbox retry",
        "outbox drop"
      })
  void everyCommandHasExamplesThatFitAnEightyColumnTerminal(String command) {
    String[] help = (command + " --help").split(" ");
    Run run = Run.hermes(new Look(80, true, false, false), "", help);
    assertThat(run.out()).contains("Usage: hermes " + command, "Example", "  ./hermes " + command);
    assertThat(run.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void everyCommandOfTheDocumentsIsUnderstood() {
    Console console = new Console(nullOutputStream(), nullOutputStream(), Look.PLAIN);
    List<String> commands =
        Documents.all().stream()
            .flatMap(document -> Documents.text(document).replace("\\\n", " ").lines())
            .filter(line -> line.startsWith("./hermes "))
            .map(line -> line.replaceFirst("( [|>]|\\s+#).*", "").substring("./hermes ".length()))
            .toList();
    assertThat(commands).hasSizeGreaterThan(40);
    for (String command : commands) {
      HermesCli.commandLine(console, new Stop(), Map.of()).parseArgs(command.split(" +"));
    }
  }

  @Test
  void versionsAreToldForBugReports() {
    assertThat(Run.hermes("", "--version").out()).contains("hermes ", "kafka-clients 4", "Java ");
  }

  @Test
  void figuresHaveUnits() {
    assertThat(Units.bytes(1_023)).isEqualTo("1023 B");
    assertThat(Units.bytes(1_536)).isEqualTo("1.5 KiB");
    assertThat(Units.bytes(5L << 30)).isEqualTo("5.0 GiB");
    assertThat(Units.count(1_234_567, "event")).isEqualTo("1,234,567 events");
    assertThat(Units.count(1, "event")).isEqualTo("1 event");
    assertThat(Units.duration(Duration.ofMillis(999))).isEqualTo("999 ms");
    assertThat(Units.duration(Duration.ofMillis(65_500))).isEqualTo("65.5 s");
    assertThat(Units.duration(Duration.ofSeconds(125))).isEqualTo("2 min 5 s");
    assertThat(Units.duration(Duration.ofMinutes(125))).isEqualTo("2 h 5 min");
    assertThat(Units.duration(Duration.ofHours(75))).isEqualTo("3 d 3 h");
    assertThat(Units.ratio(300, 200)).isEqualTo("1.50");
    assertThat(Units.ratio(300, 0)).isEqualTo("-");
  }
}
