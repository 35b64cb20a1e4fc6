package io.hermes.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1ConfigMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Debian's checkers say of scripts, YAML and the proxy's configuration. */
@Tag("full")
class LintTest {

  private static final List<String> SCRIPT_DIRECTORIES =
      List.of(
          "", ".ci", "k8s", "hermes-deployment-tests/src/test/resources", "hermes-schema/src/test");

  private static List<Path> files(String directory) throws IOException {
    try (Stream<Path> files = Files.list(Repository.file(directory))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static boolean isScript(Path file) {
    // Maven's own is checked by Maven.
    return !file.endsWith("mvnw")
        && Repository.read(file).lines().limit(1).anyMatch(line -> line.matches("#!.*sh"));
  }

  private static void check(List<String> start, List<Path> files) {
    List<String> command = new ArrayList<>(start);
    files.forEach(file -> command.add(file.toString()));
    Processes.run(command, Map.of(), Repository.root()).expectSuccess();
  }

  @Test
  void shellcheckHasNothingToSay() throws IOException {
    List<Path> scripts = new ArrayList<>();
    for (String directory : SCRIPT_DIRECTORIES) {
      files(directory).stream().filter(LintTest::isScript).forEach(scripts::add);
    }
    assertThat(scripts)
        .contains(
            Repository.file("hermes"), Repository.file(".ci/run"), Repository.file("k8s/deploy.sh"))
        .hasSizeGreaterThanOrEqualTo(SCRIPT_DIRECTORIES.size());
    check(List.of("shellcheck", "-x", "-P", "SCRIPTDIR"), scripts);
  }

  @Test
  void yamllintHasNothingToSay() throws IOException {
    String rules = "{extends: default, rules: {line-length: disable, document-start: disable}}";
    List<Path> yaml = new ArrayList<>();
    for (String directory :
        List.of("", "k8s", "k8s/examples", "k8s/strimzi", "monitoring", "monitoring/compose")) {
      files(directory).stream().filter(f -> f.toString().endsWith(".yaml")).forEach(yaml::add);
    }
    try (Stream<Path> files = Files.walk(Repository.file("kustomize"))) {
      files.filter(f -> f.toString().endsWith(".yaml")).forEach(yaml::add);
    }
    assertThat(yaml)
        .contains(Repository.file("docker-compose.yaml"), Repository.file("k8s/kafka-ui.yaml"));
    check(List.of("yamllint", "--strict", "-d", rules), yaml);
  }

  /** It ignores others without a word; a load balancer that is not disowned is deleted. */
  @Test
  void annotationsAreAmongThoseThatDigitalOceansControllerReads() throws IOException {
    List<String> found = new ArrayList<>();
    for (String directory : List.of("k8s", "k8s/strimzi", "k8s/examples")) {
      for (Path file : files(directory)) {
        Pattern.compile("(?<=[\\s\"`])[a-z.]+/(do-loadbalancer|load-balancer)-[a-z-]+")
            .matcher(Repository.read(file))
            .results()
            .forEach(match -> found.add(match.group()));
      }
    }
    assertThat(found)
        .contains("service.kubernetes.io/do-loadbalancer-disown")
        .isSubsetOf(
            "kubernetes.digitalocean.com/load-balancer-id",
            "service.beta.kubernetes.io/do-loadbalancer-ip",
            "service.beta.kubernetes.io/do-loadbalancer-protocol",
            "service.beta.kubernetes.io/do-loadbalancer-size-unit",
            "service.beta.kubernetes.io/do-loadbalancer-type",
            "service.kubernetes.io/do-loadbalancer-disown");
  }

  @Test
  void kubectlIsNewEnoughForTheTestsThatNeedIt() {
    assertThat(Kustomize.isHere()).as("kubectl 1.27 or newer is on PATH").isTrue();
  }

  @Test
  void haproxyAcceptsTheConfigurationAsItIs(@TempDir Path directory) {
    String configuration =
        Manifests.one("k8s/" + ManifestsTest.THREE, V1ConfigMap.class, "kafka-proxy")
            .getData()
            .get("haproxy.cfg");
    Path file = Repository.write(directory.resolve("haproxy.cfg"), configuration);
    check(List.of("haproxy", "-c", "-V", "-f"), List.of(file));
  }
}
