package io.hermes.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/** One run of a broker in a child JVM: the process and the signals sent to it. Not thread-safe. */
final class ChildJvm {

  /** The exit code of {@link BrokerMain} when a port is in use. */
  static final int BIND_FAILURE = 98;

  private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration DUMP_TIME = Duration.ofSeconds(2);

  private final Process process;
  private final Path ready;
  private @Nullable Process pauseGuard;

  private ChildJvm(Process process, Path ready) {
    this.process = process;
    this.ready = ready;
  }

  /** Starts it and returns immediately; its output is appended to the log. */
  static ChildJvm launch(Path propertiesFile, String clusterId, Path ready, Path log) {
    ClassArchive archive = ClassArchive.OF_BROKERS;
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(archive.options());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dslf4j.provider=" + BrokerLogProvider.class.getName(),
            "-cp",
            archive.classPath(),
            BrokerMain.class.getName(),
            propertiesFile.toString(),
            clusterId,
            ready.toString()));
    try {
      Files.deleteIfExists(ready);
      Redirect toLog = Redirect.appendTo(log.toFile());
      // Standard input is a pipe that only this JVM holds, so the child sees it end when this JVM
      // ends.
      Process process =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(toLog).start();
      var unused = archive.started();
      return new ChildJvm(process, ready);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The path of this JVM's {@code java} executable. */
  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  boolean isReady() {
    return Files.exists(ready);
  }

  boolean isPaused() {
    return pauseGuard != null;
  }

  boolean endedByBindFailure() {
    return !process.isAlive() && process.exitValue() == BIND_FAILURE;
  }

  /** Writes a thread dump to the log if the process is running. */
  void dumpThreads() {
    if (isAlive() && !isPaused()) {
      try {
        signal("-QUIT");
        awaitExit(DUMP_TIME);
      } catch (IllegalStateException | UnsupportedOperationException e) {
        // it is just exiting, or this is Windows
      }
    }
  }

  /** Sends SIGTERM, and SIGKILL after the timeout. Returns when the process is gone. */
  void terminate(Duration timeout) {
    // Not Process.destroy(): that also closes the child's standard input, so the child would halt.
    process.toHandle().destroy();
    if (!awaitExit(timeout)) {
      kill();
    }
  }

  /** Sends SIGKILL. Returns when the process is gone. */
  void kill() {
    process.destroyForcibly();
    dismissPauseGuard();
    if (!awaitExit(EXIT_TIMEOUT)) {
      throw new IllegalStateException("Process " + process.pid() + " survived SIGKILL.");
    }
  }

  /**
   * Sends SIGSTOP. A stopped process cannot notice that its parent is gone, so a helper process
   * watches for that.
   */
  void pause() {
    signal("-STOP");
    try {
      pauseGuard =
          new ProcessBuilder("sh", "-c", "read line || kill -KILL " + process.pid())
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      signal("-CONT");
      throw new UncheckedIOException(e);
    }
    awaitStopped();
  }

  /**
   * Waits until all threads are stopped, where Linux reports it: SIGSTOP reaches them one by one,
   * and until then they still respond.
   */
  private void awaitStopped() {
    Path threads = Path.of("/proc/" + process.pid() + "/task");
    long deadlineNs = System.nanoTime() + EXIT_TIMEOUT.toNanos();
    while (process.isAlive() && !areStopped(threads) && System.nanoTime() - deadlineNs < 0) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static boolean areStopped(Path threads) {
    try (Stream<Path> all = Files.list(threads)) {
      return all.allMatch(ChildJvm::isStopped);
    } catch (NotDirectoryException | NoSuchFileException elsewhere) {
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isStopped(Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"));
      return stat.startsWith(
          ")" + " T", stat.lastIndexOf(')')); // after the name, which can contain anything
    } catch (IOException gone) {
      return true;
    }
  }

  /** Sends SIGCONT. */
  void resume() {
    dismissPauseGuard();
    signal("-CONT");
  }

  private void dismissPauseGuard() {
    Process guard = pauseGuard;
    pauseGuard = null;
    if (guard == null) {
      return;
    }
    try (OutputStream line = guard.getOutputStream()) {
      line.write("done\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    await(guard, EXIT_TIMEOUT);
  }

  private void signal(String signal) {
    if (System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows")) {
      throw new UnsupportedOperationException("Windows cannot pause a process.");
    }
    int exitCode;
    try {
      Process kill =
          new ProcessBuilder("sh", "-c", "kill " + signal + " " + process.pid())
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .start();
      exitCode = await(kill, EXIT_TIMEOUT) ? kill.exitValue() : -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (exitCode != 0) {
      throw new IllegalStateException("kill " + signal + " failed for process " + process.pid());
    }
  }

  private boolean awaitExit(Duration timeout) {
    return await(process, timeout);
  }

  private static boolean await(Process process, Duration timeout) {
    try {
      return process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw new InterruptException(e); // restores the thread's interrupt flag
    }
  }
}
