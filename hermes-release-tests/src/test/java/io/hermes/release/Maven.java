package io.hermes.release;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Maven by the project's own wrapper, with a local repository that has nothing of Hermes. What
 * others publish comes from the repository of the running build, where that has it, or else from
 * Maven Central.
 */
final class Maven {

  private static final String SETTINGS =
      """
      <settings>
        <profiles>
          <profile>
            <id>hermes</id>
            <activation><activeByDefault>true</activeByDefault></activation>
            <repositories>
              <repository><id>hermes-release</id><url>%s</url></repository>
            </repositories>
          </profile>
        </profiles>
      </settings>
      """;

  private final Path localRepository;
  private final List<String> options;

  /**
   * @param localRepository kept from run to run, so that not everything is fetched again
   * @param hermes the file repository with Hermes, or a folder that is not there yet
   */
  Maven(Path localRepository, Path hermes) {
    this.localRepository = localRepository;
    Path settings = hermes.resolveSibling("settings.xml");
    try {
      Files.createDirectories(hermes.getParent());
      Files.writeString(settings, SETTINGS.formatted(hermes.toUri()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.options =
        List.of(
            "-B",
            "-ntp",
            "-gs",
            settings.toString(),
            "-Dmaven.repo.local=" + localRepository,
            "-Dmaven.repo.local.tail=" + System.getProperty("hermes.maven.repository"));
  }

  Path localRepository() {
    return localRepository;
  }

  /** Runs it in a folder; it must succeed. */
  String run(Path folder, Map<String, String> environment, List<String> arguments) {
    Path wrapper = folder.resolve("mvnw");
    if (!Files.exists(wrapper)) {
      wrapper = Sources.ROOT.resolve("mvnw");
    }
    List<String> command = new ArrayList<>(List.of("sh", wrapper.toString()));
    command.addAll(options);
    command.addAll(arguments);
    Result result = execute(folder, environment, command);
    if (result.exitCode() != 0) {
      throw new AssertionError(String.join(" ", command) + "\n" + result.output());
    }
    return result.output();
  }

  /** What a command printed, standard error included, and how it ended. */
  record Result(int exitCode, String output) {}

  /** Runs a command in a folder, for at most a quarter of an hour. */
  static Result execute(Path folder, Map<String, String> environment, List<String> command) {
    return execute(folder, environment, command, output -> false);
  }

  /** Runs a command until it has printed all of these, and ends it with SIGTERM. */
  static Result executeUntil(
      Path folder, Map<String, String> environment, List<String> command, List<String> texts) {
    return execute(
        folder, environment, command, output -> texts.stream().allMatch(output::contains));
  }

  private static Result execute(
      Path folder,
      Map<String, String> environment,
      List<String> command,
      Predicate<String> isEnough) {
    try {
      Path output = Files.createTempFile("hermes-release-", ".log");
      ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
      builder.environment().putAll(environment);
      Process process =
          builder
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .redirectInput(new File("/dev/null"))
              .start();
      long deadlineNs = System.nanoTime() + TimeUnit.MINUTES.toNanos(15);
      boolean ended = false;
      while (!ended && System.nanoTime() < deadlineNs) {
        ended = process.waitFor(200, TimeUnit.MILLISECONDS);
        if (!ended && isEnough.test(Files.readString(output))) {
          process.destroy();
        }
      }
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
      String text = Files.readString(output);
      Files.delete(output);
      if (!ended) {
        throw new AssertionError("Did not end: " + String.join(" ", command) + "\n" + text);
      }
      return new Result(process.exitValue(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
