package io.hermes.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./mvnw deploy -Prelease} publishes is what Maven Central demands, and no more. */
@Tag("full")
class PublishedTest {

  private static final List<String> LIBRARY =
      List.of(".jar", ".pom", "-sources.jar", "-javadoc.jar", "-cyclonedx.json");

  private final Release release = Release.published();

  @Test
  void onlyWhatOthersUseIsPublishedAndEachOfItCompletely() {
    List<String> plugin = new ArrayList<>(LIBRARY);
    plugin.add("-plugin.jar");
    List<String> commandLine = new ArrayList<>(LIBRARY);
    commandLine.add("-standalone.jar");
    SortedMap<String, List<String>> expected = new TreeMap<>();
    expected.put("hermes-bom", withChecksums(List.of(".pom")));
    expected.put("hermes-cli", withChecksums(commandLine));
    expected.put("hermes-client", withChecksums(LIBRARY));
    expected.put("hermes-contract", withChecksums(LIBRARY));
    expected.put("hermes-jdbc", withChecksums(LIBRARY));
    expected.put("hermes-kafka-ui", withChecksums(plugin));
    expected.put("hermes-opentelemetry", withChecksums(LIBRARY));
    expected.put("hermes-micrometer", withChecksums(LIBRARY));
    expected.put("hermes-schema", withChecksums(LIBRARY));
    expected.put("hermes-spring-boot-autoconfigure", withChecksums(LIBRARY));
    expected.put("hermes-spring-boot-starter", withChecksums(LIBRARY));
    expected.put("hermes-spring-boot-test", withChecksums(LIBRARY));
    expected.put("hermes-testkit", withChecksums(LIBRARY));

    assertThat(release.modules()).isEqualTo(expected);
  }

  private static List<String> withChecksums(List<String> suffixes) {
    return suffixes.stream()
        .flatMap(suffix -> Stream.of(suffix, suffix + ".md5", suffix + ".sha1"))
        .sorted()
        .toList();
  }

  @Test
  void everyPomStandsAloneAndSaysWhoPublishesIt() {
    for (String module : release.modules().keySet()) {
      Pom pom = Pom.read(release.file(module, ".pom"));
      assertThat(pom.text()).as(module).doesNotContain("${").doesNotContain("SNAPSHOT");
      assertThat(pom.has("/project/parent | /project/build | /project/properties"))
          .as(module)
          .isFalse();
      assertThat(pom.has("/project/repositories | /project/profiles")).as(module).isFalse();
      assertThat(pom.has("//dependency[scope='test']")).as(module).isFalse();
      for (String element :
          List.of(
              "name",
              "description",
              "url",
              "licenses/license[name='Apache-2.0']/url",
              "developers/developer/name",
              "developers/developer/email",
              "scm/connection",
              "scm/developerConnection",
              "scm/url")) {
        assertThat(pom.has("/project/" + element + "[text()]")).as(module + element).isTrue();
      }
    }
  }

  @Test
  void hermesClientBringsItsSixDependenciesAndNothingElse() {
    assertThat(Pom.read(release.file("hermes-client", ".pom")).dependencies("/project"))
        .containsExactlyInAnyOrder(
            "io.hermes:hermes-contract:compile",
            "org.apache.kafka:kafka-clients:compile",
            "com.google.protobuf:protobuf-java:compile",
            "com.github.luben:zstd-jni:compile",
            "org.slf4j:slf4j-api:compile",
            "org.jspecify:jspecify:compile");
  }

  @Test
  void hermesOpenTelemetryBringsTheClientAndTheApiOnly() {
    assertThat(Pom.read(release.file("hermes-opentelemetry", ".pom")).dependencies("/project"))
        .containsExactlyInAnyOrder(
            "io.hermes:hermes-client:compile",
            "io.opentelemetry:opentelemetry-api:compile",
            "org.jspecify:jspecify:compile");
  }

  @Test
  void theBomHasWhatServicesUse() {
    Pom bom = Pom.read(release.file("hermes-bom", ".pom"));

    assertThat(bom.dependencies("/project")).isEmpty();
    assertThat(bom.dependencies("/project/dependencyManagement"))
        .containsExactlyInAnyOrder(
            "io.hermes:hermes-contract:",
            "io.hermes:hermes-schema:",
            "io.hermes:hermes-client:",
            "io.hermes:hermes-opentelemetry:",
            "io.hermes:hermes-micrometer:",
            "io.hermes:hermes-jdbc:",
            "io.hermes:hermes-spring-boot-autoconfigure:",
            "io.hermes:hermes-spring-boot-starter:",
            "io.hermes:hermes-spring-boot-test:",
            "io.hermes:hermes-testkit:");
  }

  @Test
  void everyJarIsAModuleWithAName() throws IOException {
    Map<String, String> names =
        Map.ofEntries(
            Map.entry("hermes-cli", "io.hermes.cli"),
            Map.entry("hermes-client", "io.hermes.client"),
            Map.entry("hermes-contract", "io.hermes.contract"),
            Map.entry("hermes-jdbc", "io.hermes.jdbc"),
            Map.entry("hermes-kafka-ui", "io.hermes.kafkaui"),
            Map.entry("hermes-opentelemetry", "io.hermes.opentelemetry"),
            Map.entry("hermes-micrometer", "io.hermes.micrometer"),
            Map.entry("hermes-schema", "io.hermes.schema"),
            Map.entry("hermes-spring-boot-autoconfigure", "io.hermes.spring"),
            Map.entry("hermes-spring-boot-starter", "io.hermes.spring.starter"),
            Map.entry("hermes-spring-boot-test", "io.hermes.spring.test"),
            Map.entry("hermes-testkit", "io.hermes.testkit"));
    for (var name : names.entrySet()) {
      try (var jar = new JarFile(release.file(name.getKey(), ".jar").toFile())) {
        assertThat(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name"))
            .isEqualTo(name.getValue());
        assertThat(jar.getEntry("META-INF/LICENSE")).as(name.getKey()).isNotNull();
      }
    }
  }

  @Test
  void anotherBuildElsewhereMakesTheSameBytes(@TempDir Path elsewhere) throws IOException {
    Path repository = elsewhere.resolve("repository");
    release.publish(
        elsewhere.resolve("sources-in-a-folder-with-another-name"),
        repository,
        Map.of("TZ", "Pacific/Auckland", "LC_ALL", "C"),
        List.of("-T2", "-pl", String.join(",", release.modules().keySet())));

    List<Path> files = published(release.repository());
    assertThat(published(repository)).isEqualTo(files);
    for (Path file : files) {
      assertThat(Files.mismatch(release.repository().resolve(file), repository.resolve(file)))
          .as(file.toString())
          .isEqualTo(-1);
    }
  }

  /** All files but the indexes, which have the time of the publication. */
  private static List<Path> published(Path repository) throws IOException {
    try (Stream<Path> files = Files.walk(repository)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().startsWith("maven-metadata.xml"))
          .map(repository::relativize)
          .sorted()
          .toList();
    }
  }
}
