package io.hermes.deployment;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Child processes of the tests. */
final class Processes {

  /** What a process printed, standard error included, and how it ended. */
  record Result(int exitCode, String output) {

    Result expectSuccess() {
      if (exitCode != 0) {
        throw new AssertionError("Exit code " + exitCode + ": " + output);
      }
      return this;
    }
  }

  /** The classes that a broker loads, archived once for all tests: starts take half as long. */
  private static final class Archive {

    static final List<String> JARS = entries(true);
    static final String CLASS_PATH = // jars first, as an archive has no others
        String.join(File.pathSeparator, JARS)
            + File.pathSeparator
            + String.join(File.pathSeparator, entries(false));
    static final List<String> OPTIONS = make(Path.of("target", "brokers.jsa").toAbsolutePath());

    private static List<String> entries(boolean jars) {
      return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
          .filter(entry -> entry.endsWith(".jar") == jars)
          .toList();
    }

    /** Without an archive where hermes-testkit is no jar, as in the test phase alone. */
    private static List<String> make(Path archive) {
      List<String> command = new ArrayList<>(List.of(JAVA, "-XX:ArchiveClassesAtExit=" + archive));
      command.addAll(FLAGS);
      command.addAll(List.of("-cp", String.join(File.pathSeparator, JARS)));
      command.add("io.hermes.testkit.ArchiveMain");
      Result made = run(command, Map.of(), archive.getParent());
      return made.exitCode() == 0 ? List.of("-XX:SharedArchiveFile=" + archive) : List.of();
    }
  }

  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final List<String> FLAGS =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private Processes() {}

  static List<String> java(Path hosts, String mainClass, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(JAVA);
    command.addAll(Archive.OPTIONS);
    command.addAll(FLAGS);
    // Names as in the cluster or the compose network, on loopback addresses.
    command.add("-Djdk.net.hosts.file=" + hosts);
    command.add("-Dslf4j.provider=io.hermes.testkit.BrokerLogProvider");
    command.add("-cp");
    command.add(Archive.CLASS_PATH);
    command.add(mainClass);
    command.addAll(arguments);
    return command;
  }

  /** Runs a command in nothing but the given environment, and waits for at most two minutes. */
  static Result run(List<String> command, Map<String, String> environment, Path directory) {
    try {
      Path output = java.nio.file.Files.createTempFile("hermes-", ".out");
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.directory(directory.toFile());
      builder.redirectOutput(output.toFile());
      builder.redirectInput(new java.io.File("/dev/null"));
      builder.environment().keySet().retainAll(List.of("PATH"));
      builder.environment().putAll(environment);
      Process process = builder.start();
      boolean ended = process.waitFor(120, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      String text = Repository.read(output);
      java.nio.file.Files.delete(output);
      if (!ended) {
        throw new AssertionError("Did not end within two minutes: " + command + "\n" + text);
      }
      return new Result(process.exitValue(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Waits until a process has opened a port, for at most three minutes. */
  static void await(Process process, String address, int port, Path log) {
    long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
    while (!isOpen(address, port)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new AssertionError(
            "Port " + port + " of " + address + " did not open:\n" + Repository.read(log));
      }
      pause();
    }
  }

  static boolean isOpen(String address, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 1_000);
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
