package io.hermes.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Short programs in a JVM of their own, whose output says how they ended. */
public final class Programs {

  /** The exit code of a program that had to be ended. */
  public static final int HANGS = -1;

  private Programs() {}

  /** The exit code of a command, whose output goes to the log. */
  public static int run(Duration limit, Path directory, Path log, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!process.waitFor(limit.toMillis(), MILLISECONDS)) {
      new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid())).start().waitFor();
      process.waitFor(2, SECONDS); // in which it writes its threads to the log
      process.destroyForcibly();
      return HANGS;
    }
    return process.exitValue();
  }

  /** What a main class of the tests prints, in a JVM with these options. */
  public static String output(List<String> options, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    return output(options, Map.of(), main, arguments);
  }

  /** As {@link #output(List, Class, String...)}, with these variables in its environment. */
  public static String output(
      List<String> options, Map<String, String> environment, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return output(command, environment);
  }

  /** What java prints with these arguments. */
  public static String output(List<String> arguments) throws IOException, InterruptedException {
    return output(arguments, Map.of());
  }

  private static String output(List<String> arguments, Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).trim();
    process.waitFor();
    return output;
  }
}
