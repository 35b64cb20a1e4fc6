package io.hermes.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Scanner;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What remains of child JVMs. */
class ChildrenTest {

  @Test
  void closeEndsTheChildrenAndRemovesTheirFiles() {
    KafkaCluster kafka = KafkaCluster.start();
    Broker broker = kafka.broker(1);
    long pid = broker.pid();
    assertThat(ProcessHandle.of(pid)).get().matches(ProcessHandle::isAlive);
    assertThat(broker.log()).isNotEmptyFile();
    broker.pause();

    kafka.close();
    kafka.close();

    assertThat(ProcessHandle.of(pid)).isEmpty();
    assertThat(broker.log().getParent()).doesNotExist();
    assertThatThrownBy(broker::start).hasMessage("The cluster is closed.");
  }

  @Tag("slow")
  @Test
  void childrenEndWhenTheirParentIsKilledEvenPausedOnes(@TempDir Path temp) throws Exception {
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-Djava.io.tmpdir=" + temp,
                "-cp",
                System.getProperty("java.class.path"),
                ClusterMain.class.getName())
            .redirectError(temp.resolve("errors").toFile())
            .start();
    int running;
    int paused;
    try (var output =
            new BufferedReader(
                new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8));
        Scanner ports = new Scanner(output)) {
      running = ports.nextInt();
      paused = ports.nextInt();
    } finally {
      parent.destroyForcibly();
    }
    assertThat(parent.waitFor(30, SECONDS)).isTrue();
    // The port, not the process: in a container nobody may reap an orphan.
    assertFreeWithin10Seconds(running);
    assertFreeWithin10Seconds(paused);
  }

  @Test
  void keepsAndNamesTheLogOfABrokerThatDoesNotStart() {
    assertThatThrownBy(
            () -> KafkaCluster.builder().property("log.retention.bytes", "plenty").start())
        .isInstanceOfSatisfying(
            KafkaStartException.class,
            e -> {
              String message = String.valueOf(e.getMessage());
              Path log = Path.of(message.substring(message.indexOf("its log: ") + 9));
              assertThat(log).content().contains("plenty");
              assertThat(log.resolveSibling("broker-1")).doesNotExist();
              Directories.delete(log.resolve("..").normalize());
            });
  }

  @Test
  @Tag("full")
  void keepsTheLogOfABrokerThatEndedByItself() throws Exception {
    KafkaCluster kafka = KafkaCluster.start();
    Broker broker = kafka.broker(1);
    ProcessHandle process = ProcessHandle.of(broker.pid()).orElseThrow();
    process.destroyForcibly();
    process.onExit().get(30, SECONDS);
    kafka.close();
    assertThat(Files.readAllLines(broker.log())).isNotEmpty();
    Directories.delete(broker.log().resolve("..").normalize());
  }

  private static void assertFreeWithin10Seconds(int port) {
    long deadlineNs = System.nanoTime() + SECONDS.toNanos(10);
    while (!Ports.isFree(port) && System.nanoTime() - deadlineNs < 0) {
      LockSupport.parkNanos(10_000_000);
    }
    assertThat(Ports.isFree(port)).as("port %d is free", port).isTrue();
  }
}
