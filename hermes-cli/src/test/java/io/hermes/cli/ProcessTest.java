package io.hermes.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testkit.EmbeddedKafka;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own shows: signals, and a reader that ends first. */
public class ProcessTest {

  private static final int SIGINT = 2;

  private static final EmbeddedKafka KAFKA = EmbeddedKafka.start();

  @AfterAll
  static void stop() {
    KAFKA.close();
  }

  @Test
  void ctrlCEndsAnEndlessConsumerInOrder() throws Exception {
    Run.hermes(KAFKA.bootstrapServers(), "produce", "--count", "3");
    Process process = hermes("consume", "--format", "json");
    try (BufferedReader out = process.inputReader(UTF_8)) {
      for (int i = 0; i < 3; i++) {
        assertThat(out.readLine()).contains("\"offset\":" + i);
      }
      interrupt(process);
      assertThat(out.lines()).allMatch(line -> line.endsWith("}"));
      assertThat(process.waitFor(20, SECONDS)).isTrue();
    }
    assertThat(errors(process)).contains(" records, ").hasLineCount(1);
    assertThat(process.exitValue()).isEqualTo(exitCodeOfInterrupt());
  }

  @Test
  void whatADriverLogsIsNotOnStandardError() throws Exception {
    Process process = hermes("outbox", "list", "--jdbc-url", "jdbc:postgresql://localhost:a/b");
    assertThat(process.waitFor(40, SECONDS)).isTrue();
    assertThat(errors(process)).startsWith("hermes: ").hasLineCount(1);
    assertThat(process.exitValue()).isEqualTo(1);
  }

  @Test
  void ctrlCWhileABrokerStartsIsNoFailure() throws Exception {
    Process process = hermes("demo");
    try (BufferedReader out = process.inputReader(UTF_8)) {
      assertThat(out.readLine()).isEqualTo("==> Starting a Kafka broker");
      interrupt(process);
      assertThat(process.waitFor(40, SECONDS)).isTrue();
    }
    assertThat(errors(process)).isEmpty();
    assertThat(process.exitValue()).isEqualTo(exitCodeOfInterrupt());
  }

  @Test
  void endsQuietlyWhenTheReaderOfItsOutputDoes() throws Exception {
    Run.hermes(KAFKA.bootstrapServers(), "produce", "--count", "2000");
    Process process = hermes("consume", "--to-end");
    try (BufferedReader out = process.inputReader(UTF_8)) {
      assertThat(out.readLine()).startsWith("user.events-0@0");
    }
    assertThat(process.waitFor(20, SECONDS)).isTrue();
    assertThat(errors(process)).contains(" record").hasLineCount(1);
    assertThat(process.exitValue()).isZero();
  }

  @Test
  @Tag("full")
  void ctrlCStopsABrokerAndItsDataIsThereTheNextTime(@TempDir Path temp) throws Exception {
    for (int i = 0; i < 2; i++) {
      Process process = hermes("broker", "--port", "0", "--dir", temp.resolve("data").toString());
      try (BufferedReader out = process.inputReader(UTF_8)) {
        List<String> lines = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          lines.add(line);
          if (line.startsWith("Ctrl-C")) {
            interrupt(process);
          }
        }
        assertThat(lines).anyMatch(line -> line.matches("address  localhost:\\d+"));
        assertThat(lines).last().isEqualTo("Stopping.");
        assertThat(String.join("\n", lines)).contains("user.events, 1 partition: UserEvent");
      }
      assertThat(process.waitFor(20, SECONDS)).isTrue();
      assertThat(errors(process)).isEmpty();
      assertThat(process.exitValue()).isEqualTo(exitCodeOfInterrupt());
    }
  }

  @Test
  @Tag("full")
  void aBrokerThatCannotWriteItsDataEndsAndSaysSo(@TempDir Path temp) throws Exception {
    Path data = temp.resolve("data");
    Process process = hermes("broker", "--port", "0", "--dir", data.toString());
    try (BufferedReader out = process.inputReader(UTF_8)) {
      String address = "";
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("address")) {
          address = line.substring("address".length()).strip();
        }
        if (line.startsWith("Ctrl-C")) {
          Files.move(data, temp.resolve("elsewhere"));
          try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            var unused = admin.createTopics(List.of(new NewTopic("nowhere", 1, (short) 1)));
          }
        }
      }
    }
    assertThat(process.waitFor(30, SECONDS)).isTrue();
    assertThat(errors(process))
        .contains("hermes: The broker has stopped because it can no longer write its data.");
    assertThat(process.exitValue()).isEqualTo(1);
  }

  private static Process hermes(String... args) throws Exception {
    return hermesAt(KAFKA.bootstrapServers(), args);
  }

  /** The command in a JVM of its own. */
  public static Process hermesAt(String broker, String... args) throws Exception {
    return start(broker, command(args));
  }

  /** The command line of a JVM with the class path of this one. */
  public static List<String> command(String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(HermesCli.class.getName());
    command.addAll(List.of(args));
    return command;
  }

  static Process start(String broker, List<String> command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("KAFKA_BROKER", broker);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return builder.start();
  }

  /**
   * As Ctrl-C does; where a script's background job runs the tests, all its children ignore that.
   */
  private static void interrupt(Process process) throws Exception {
    String signal = ignoresInterrupts() ? "-TERM" : "-INT";
    assertThat(new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor())
        .isZero();
  }

  private static int exitCodeOfInterrupt() throws Exception {
    return ignoresInterrupts() ? 143 : 130;
  }

  private static boolean ignoresInterrupts() throws Exception {
    Path status = Path.of("/proc/self/status"); // of Linux; a list of signals as a mask
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .map(line -> line.substring("SigIgn:".length()).strip())
            .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) & (1L << (SIGINT - 1))) != 0);
  }

  private static String errors(Process process) throws Exception {
    return new String(process.getErrorStream().readAllBytes(), UTF_8);
  }
}
