package io.hermes.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hermes.cli.console.Console;
import io.hermes.cli.console.Console.Look;
import io.hermes.cli.console.ExitCode;
import io.hermes.cli.console.Stop;
import io.hermes.testkit.EmbeddedKafka;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results that cannot be written are an error; a reader that wants no more of them is not. */
class FullDiskTest {

  private static final EmbeddedKafka KAFKA = EmbeddedKafka.start();
  private static final String BROKER = KAFKA.bootstrapServers();

  /** Takes some bytes, and then no more, for a reason in the system's words. */
  private static final class Disk extends OutputStream {

    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final int room;
    private final String reason;

    Disk(int room, String reason) {
      this.room = room;
      this.reason = reason;
    }

    @Override
    public void write(int b) throws IOException {
      if (taken.size() == room) {
        throw new IOException(reason);
      }
      taken.write(b);
    }
  }

  @BeforeAll
  static void fill() {
    assertThat(Run.hermes(BROKER, "topics", "apply").exitCode()).isZero();
    assertThat(Run.hermes(BROKER, "produce", "--count", "300").exitCode()).isZero();
    KAFKA.createTopic("user.events-dlt", 1);
  }

  @AfterAll
  static void stop() {
    KAFKA.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "consume --to-end --format json",
        "consume --to-end --format raw",
        "topics plan --json",
        "produce --count 2 --json",
        "schema list",
        "schema show user.events --json",
        "dlt list --json",
        "dlt redrive user.events-dlt --dry-run",
        "doctor --json",
        "--version",
        ""
      })
  void isAnErrorOfEveryCommand(String command) {
    Run full = run(new Disk(10, "No space left on device"), command);
    assertThat(full.exitCode()).isEqualTo(ExitCode.FAILURE);
    assertThat(full.err())
        .endsWith(
            "hermes: Standard output cannot be written: No space left on device."
                + " The output is incomplete.\n")
        .doesNotContain("records, ");
    assertThat(full.out()).hasSize(10);
    Run closed = run(new Disk(10, "Broken pipe"), command);
    assertThat(closed.exitCode()).isNotEqualTo(ExitCode.FAILURE);
    assertThat(closed.err()).doesNotContain("Standard output");
  }

  @Test
  void whatAGroupCouldNotShowComesAgain() {
    String command = "consume --topic user.events --group full --limit 10 --format json";
    assertThat(run(new Disk(0, "No space left on device"), command).exitCode()).isEqualTo(1);
    Run again = run(new Disk(Integer.MAX_VALUE, ""), command);
    assertThat(again.lines()).hasSize(10).first().asString().contains("\"offset\":0,");
  }

  @Test
  void theSystemsOwnErrorIsTold() throws Exception {
    Path device = Path.of("/dev/full");
    assumeTrue(Files.exists(device), "only Linux has it");
    List<String> command = ProcessTest.command("consume", "--to-end", "--json");
    command.addAll(0, List.of("sh", "-c", "exec \"$@\" >/dev/full", "sh"));
    Process process = ProcessTest.start(BROKER, command);
    String err = new String(process.getErrorStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, SECONDS)).isTrue();
    assertThat(err)
        .isEqualTo(
            "hermes: Standard output cannot be written: No space left on device."
                + " The output is incomplete.\n");
    assertThat(process.exitValue()).isEqualTo(ExitCode.FAILURE);
  }

  private static Run run(Disk disk, String command) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console = new Console(disk, err, Look.PLAIN);
    String[] args = command.isEmpty() ? new String[0] : command.split(" ");
    int exitCode = HermesCli.run(console, new Stop(), Map.of("KAFKA_BROKER", BROKER), args);
    return new Run(exitCode, disk.taken.toString(UTF_8), err.toString(UTF_8));
  }
}
