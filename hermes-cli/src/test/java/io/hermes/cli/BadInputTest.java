package io.hermes.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.cli.console.Console.Look;
import io.hermes.testkit.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every mistake gets one line that says what and what to do, soon, and an exit code. */
class BadInputTest {

  private static final String NOBODY = "127.0.0.1:1";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          prodce                     | 'prodce'           | Did you mean produce? See
          consume --fromm 5          | --fromm            | Did you mean --from? See
          consume --form latest      | --form             | Did you mean --from? See
          xyz                        | Unknown command: 'xyz' | See ./hermes --help
          consume user.events        | Unexpected argument: 'user.events' | See ./hermes consume
          consume --from yesterday   | 'yesterday'        | Use beginning, latest, a time
          consume --from 1764201600000000 | '1764201600000000' | milliseconds since 1970
          consume --from 2026-01-31  | '2026-01-31'       | a time with its zone
          consume --format xml       | 'xml'              | pretty, json, table, raw
          consume --limit 0          | --limit            | 1 or more
          consume --to-end --group g | --to-end          | Use --limit
          consume --limit many       | 'many'             | See ./hermes consume --help
          consume --limit many       | --limit            | is not a whole number
          consume --topic nothing    | Topic nothing has  | user.events
          consume --topic user.event | Topic user.event has | Did you mean user.events?
          consume --broker nowhere   | --broker is 'nowhere' | Set it to host:port
          consume --broker a:99999   | --broker is 'a:99999' | a port from 1 to 65535
          produce --broker http://a:1| 'http://a:1'       | no protocol
          consume --broker SASL_SSL://a:1 | 'SASL_SSL://a:1' | no protocol
          consume --group= --limit 1   | group is empty    | Give one
          consume --json --format table | --json and --format table | Use one of the two
          topics plan --json --format strimzi | --json and --format strimzi | Use one of the two
          topics plan --format strimzi --cluster Foo | --cluster Foo | lower-case letters
          acls plan --json --format commands --program x --publish user.events | --json and --format commands | Use one of the two
          acls plan --program User:x --publish user.events | --program | without User:
          consume --dictionaries /nowhere | /nowhere      | Correct the path
          consume --broker a:b:c     | 'a:b:c'            | Set it to host:port
          produce --count 0          | --count            | 1 or more, not 0
          produce --count -5         | --count            | 1 or more, not -5
          produce --users 0          | --users            | 1 or more, not 0
          produce --size -1          | --size             | zero or more, not -1
          produce --rate -1          | --rate             | more than zero, not -1
          produce --rate fast        | --rate             | is not a number
          produce --count 5 --forever| --forever          | mutually exclusive
          schema show nothing        | or message nothing | OrderPlaced
          schema show OrderPlacd     | OrderPlacd         | Did you mean OrderPlaced?
          schema show                | NAME               | See ./hermes schema show --help
          schema list --jsn          | --jsn              | Did you mean
          schema                     | subcommand         | See ./hermes schema --help
          topics                     | subcommand: plan, apply. | See ./hermes topics --help
          topics plan --broker a:b:c | 'a:b:c'            | Set it to host:port
          topics aply                | 'aply'             | Did you mean
          dlt                        | subcommand         | See ./hermes dlt --help
          dlt show                   | TOPIC              | See ./hermes dlt show --help
          dlt show user.events       | not a dead-letter  | user.events-dlt
          dlt redrive user.dlt       | not a dead-letter  | end with -dlt
          dlt redrive a-dlt --from x | 'x'                | a time ago such as
          dlt redrive a-dlt --rate 0 | --rate             | more than zero, not 0
          dlt redrive a-dlt --max-redrives 0 | --max-redrives | 1 or more, not 0
          dlt redrive a-dlt --from 1h --until 2h | --from | before --until
          dlt show a-dlt --limit 0   | --limit            | 1 or more
          dlt purge a-dlt            | --before-offset    | See ./hermes dlt purge --help
          dlt purge a-dlt --before-time 1 | '1'           | milliseconds since 1970
          dlt show a-dlt --until 1764201600 | '1764201600' | milliseconds since 1970
          dlt purge a-dlt --before-offset 1 --before-time 1h | --before-offset | mutually exclusive
          dlt purge a-dlt --before-offset -1 | 0 or more  | not -1
          broker --port 99999        | --port             | 0 to 65535
          broker --port http         | 'http'             | See ./hermes broker --help
          """)
  void wrongOptionsAreRefused(String command, String what, String whatToDo) {
    Run run = Run.hermes(NOBODY, command.split(" "));
    assertThat(oneLine(run)).contains(what, whatToDo);
    assertThat(run.exitCode()).isEqualTo(2);
  }

  @Test
  @Timeout(value = 40, unit = TimeUnit.SECONDS)
  void brokersAndHostsThatDoNotAnswerAreNamedWithinTheirDeadline() {
    List<CompletableFuture<Run>> runs =
        Stream.of(
                List.of(NOBODY, "consume"),
                List.of(NOBODY, "consume", "--topic", "user.events"),
                List.of(NOBODY, "produce"),
                List.of(NOBODY, "topics", "plan"),
                List.of(NOBODY, "topics", "apply", "--json"),
                List.of("no-such-host.invalid:9092", "consume"))
            .map(args -> CompletableFuture.supplyAsync(() -> hermes(args)))
            .toList();
    for (CompletableFuture<Run> run : runs) {
      assertThat(oneLine(run.join())).contains("KAFKA_BROKER");
      assertThat(run.join().exitCode()).isEqualTo(1);
    }
    assertThat(runs.get(0).join().err())
        .contains("No Kafka broker responds at " + NOBODY + " within 5 s. Start one");
    assertThat(runs.get(5).join().err()).contains("no-such-host.invalid:9092");
  }

  private static Run hermes(List<String> brokerAndArgs) {
    return Run.hermes(
        brokerAndArgs.get(0),
        brokerAndArgs.subList(1, brokerAndArgs.size()).toArray(String[]::new));
  }

  @Test
  void wrongEnvironmentIsRefused() {
    Run run = Run.hermes("localhost", "produce");
    assertThat(oneLine(run)).contains("KAFKA_BROKER is 'localhost'", "host:port");
    assertThat(run.exitCode()).isEqualTo(2);
  }

  @Test
  void aTopicThatIsNotThereAndAnEventThatIsTooLarge() {
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      Run consumed = Run.hermes(kafka.bootstrapServers(), "consume", "--topic", "user.events");
      assertThat(oneLine(consumed)).contains("Topic user.events does not exist", "Create it");
      assertThat(consumed.exitCode()).isEqualTo(1);
      for (String command : List.of("show", "redrive", "purge --before-offset 1")) {
        String[] dlt = ("dlt " + command + " user.events-dlt").split(" ", -1);
        Run run = Run.hermes(kafka.bootstrapServers(), dlt);
        assertThat(oneLine(run))
            .contains("Topic user.events-dlt does not exist", "dlt list", "correct the name");
        assertThat(run.exitCode()).isEqualTo(1);
      }

      Run produced =
          Run.hermes(kafka.bootstrapServers(), "produce", "--count", "1", "--size", "17000000");
      assertThat(oneLine(produced)).contains("user.events", "bytes");
      assertThat(produced.exitCode()).isEqualTo(1);
      assertThat(produced.out()).contains("not acknowledged  1 event");

      int port = Integer.parseInt(kafka.bootstrapServers().replaceAll(".*:", ""));
      Run broker = Run.hermes(NOBODY, "broker", "--port", Integer.toString(port));
      assertThat(oneLine(broker)).contains("Port " + port, "in use");
      assertThat(broker.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void aFolderWithOtherFilesIsNoPlaceForABroker(@TempDir Path temp) throws Exception {
    Files.writeString(temp.resolve("thesis.txt"), "precious");
    Run run = Run.hermes(NOBODY, "broker", "--port", "0", "--dir", temp.toString());
    assertThat(oneLine(run)).contains(temp.toString(), "empty directory");
    Run file =
        Run.hermes(NOBODY, "broker", "--port", "0", "--dir", temp.resolve("thesis.txt").toString());
    assertThat(file.err()).contains("--dir ", "thesis.txt", "another one");
    assertThat(List.of(run.exitCode(), file.exitCode())).containsExactly(1, 2);
  }

  @Test
  void rawBytesAreNotForATerminal() {
    Look terminal = new Look(80, true, true, true);
    Run run = Run.hermes(terminal, NOBODY, "consume", "--format", "raw");
    assertThat(oneLine(run)).contains("--format raw", "> file");
    assertThat(run.exitCode()).isEqualTo(2);
  }

  @Test
  void debugShowsWhereItFailed() {
    Run run = Run.hermes(NOBODY, "consume", "--topic", "nothing", "--debug");
    assertThat(run.err()).contains("ContractException", "\tat io.hermes.");
  }

  private static String oneLine(Run run) {
    assertThat(run.err().lines()).as(run.err()).hasSize(1);
    assertThat(run.err()).startsWith("hermes: ").doesNotContain("Exception");
    return run.err();
  }
}
