package io.hermes.deployment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What Debian's checkers say of scripts, YAML and the proxy's configuration. */
@Tag("full")
class LintTest {

  private static List<String> command(List<String> start, Path directory, String suffix)
      throws IOException {
    List<String> command = new ArrayList<>(start);
    try (Stream<Path> files = Files.list(directory)) {
      files.map(Path::toString).filter(f -> f.endsWith(suffix)).sorted().forEach(command::add);
    }
    return command;
  }

  @Test
  void shellcheckHasNothingToSay() throws IOException {
    List<String> start = List.of("shellcheck", "-x", "-P", "SCRIPTDIR");
    for (Path directory : List.of(Repository.root(), Repository.file("k8s"))) {
      Processes.run(command(start, directory, ".sh"), Map.of(), directory).expectSuccess();
    }
    Path stub = Repository.file("hermes-deployment-tests/src/test/resources");
    Processes.run(command(start, stub, "kubectl"), Map.of(), stub).expectSuccess();
  }

  @Test
  void yamllintHasNothingToSay() throws IOException {
    String rules = "{extends: default, rules: {line-length: disable, document-start: disable}}";
    List<String> start = List.of("yamllint", "--strict", "-d", rules);
    for (Path directory : List.of(Repository.root(), Repository.file("k8s"))) {
      Processes.run(command(start, directory, ".yaml"), Map.of(), directory).expectSuccess();
    }
  }
}
