package io.hermes.jdbc;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of a fault run, which ends with the JVM that launched it. */
final class ChildProcess {

  private final Process process;
  private final Path log;

  private ChildProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts a main class. What it prints goes to the log, a file of its own. */
  static ChildProcess launch(Class<?> main, Path log, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return new ChildProcess(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start(),
        log);
  }

  /** For the main method of a child: a test that is killed leaves no processes behind. */
  static void endWithParent() {
    Thread watch =
        new Thread(
            () -> {
              try {
                System.in.transferTo(OutputStream.nullOutputStream()); // until the pipe breaks
              } catch (IOException e) {
                // the pipe is broken, too
              }
              Runtime.getRuntime().halt(1);
            });
    watch.setDaemon(true);
    watch.start();
  }

  /** Sends SIGKILL and waits until the process is gone. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Sends SIGTERM and waits until the process has ended in order. */
  void terminate() throws InterruptedException {
    process.toHandle().destroy(); // Process.destroy would close its standard input, too
    awaitEnd(Duration.ofSeconds(60));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Whether it is alive and, if so, its threads; and the end of what it printed. */
  String describe() throws IOException, InterruptedException {
    if (process.isAlive()) {
      new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid())).start().waitFor();
      process.waitFor(2, TimeUnit.SECONDS); // in which it writes its threads to the log
    }
    List<String> lines = Files.readAllLines(log);
    String end = String.join("\n", lines.subList(Math.max(0, lines.size() - 300), lines.size()));
    return log + (process.isAlive() ? " (alive)" : " (ended)") + ":\n" + end;
  }

  void awaitEnd(Duration longest) throws InterruptedException {
    if (!process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("A process did not end in " + longest + "; its output: " + log);
    }
  }
}
