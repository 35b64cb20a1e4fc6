package io.hermes.release;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A release of Hermes in a folder, with a version that no other build makes. */
final class Release {

  static final String VERSION = "1.0.0-release-test";

  private static final Path WORK = Path.of("target", "release").toAbsolutePath();

  private static final class First {
    static final Release RELEASE = publishFirst();
  }

  private final Path repository;
  private final Maven maven;

  private Release(Path repository, Maven maven) {
    this.repository = repository;
    this.maven = maven;
  }

  /** The release that all tests look at; the first call makes it, which takes minutes. */
  static Release published() {
    return First.RELEASE;
  }

  private static Release publishFirst() {
    Sources.delete(WORK);
    Path repository = WORK.resolve("repository");
    Path localRepository = Path.of("target", "local-repository").toAbsolutePath();
    Sources.delete(localRepository.resolve("io/hermes"));
    Release release = new Release(repository, new Maven(localRepository, repository));
    release.publish(WORK.resolve("first"), repository, Map.of(), List.of("-T1"));
    return release;
  }

  /** Copies the sources to a folder and publishes what the copy builds into another one. */
  void publish(Path sources, Path target, Map<String, String> environment, List<String> arguments) {
    Sources.copy(Sources.ROOT, sources, VERSION);
    List<String> command =
        new ArrayList<>(
            List.of(
                "deploy",
                "-Prelease",
                "-Dmaven.test.skip=true",
                "-Dspotless.check.skip",
                "-Dcheckstyle.skip",
                "-Dhermes.error-prone=-g", // without, in two thirds of the time
                "-DaltDeploymentRepository=folder::" + target.toUri()));
    command.addAll(arguments);
    maven.run(sources, environment, command);
  }

  Maven maven() {
    return maven;
  }

  Path repository() {
    return repository;
  }

  /** A published file: of hermes-client and ".jar", the library. */
  Path file(String module, String suffix) {
    return repository
        .resolve("io/hermes")
        .resolve(module)
        .resolve(VERSION)
        .resolve(module + "-" + VERSION + suffix);
  }

  /**
   * The names of what was published, such as hermes-client, and the suffixes of the files of each.
   */
  SortedMap<String, List<String>> modules() {
    SortedMap<String, List<String>> modules = new TreeMap<>();
    try (Stream<Path> folders = Files.list(repository.resolve("io/hermes"))) {
      for (Path folder : folders.toList()) {
        String module = folder.getFileName().toString();
        try (Stream<Path> files = Files.list(folder.resolve(VERSION))) {
          modules.put(
              module,
              files
                  .map(file -> file.getFileName().toString())
                  .map(name -> name.replace(module + "-" + VERSION, ""))
                  .sorted()
                  .toList());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return modules;
  }
}
