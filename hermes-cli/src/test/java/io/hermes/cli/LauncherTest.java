package io.hermes.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.attribute.PosixFilePermissions.fromString;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher itself, with stand-ins for Maven and Java that say what they were asked. */
class LauncherTest {

  private static final long TIMEOUT_S = 30;

  private final Path temp;
  private final Path root;
  private Path jdk;

  LauncherTest(@TempDir Path temp) throws IOException {
    this.temp = temp;
    jdk = temp.resolve("jdk");
    root = Files.createDirectories(temp.resolve("a project"));
    Files.copy(Path.of("..", "hermes"), root.resolve("hermes"));
    Files.writeString(root.resolve("pom.xml"), "");
    Files.createDirectories(root.resolve("hermes-client/src/main"));
    Files.writeString(root.resolve("hermes-client/pom.xml"), "");
    Files.writeString(root.resolve("hermes-client/src/main/A.java"), "");
    mavenThat(
        """
        echo '[INFO] Building Hermes Client 0.1.0-SNAPSHOT                              [2/5]'
        mkdir -p hermes-cli/target/lib
        : > hermes-cli/target/hermes-cli-0.1.0-SNAPSHOT.jar
        """);
    script(jdk.resolve("bin/javac"), "");
    javaOf("17.0.15");
  }

  @Test
  void buildsBeforeTheFirstRunAndThenNoMore() throws Exception {
    Result first = hermes("consume", "--key", "a b");
    assertThat(first.err()).contains("Building Hermes").contains("  2/5 Hermes Client\n");
    assertThat(first.out()).contains("hermes-cli-0.1.0-SNAPSHOT.jar|consume|--key|a b|");
    Result second = hermes("consume");
    assertThat(second.err()).isEmpty();
    assertThat(second.out()).contains("|consume|");
  }

  @Test
  void buildsAgainWhenASourceHasChangedOrIsGone() throws Exception {
    hermes("demo");
    Files.writeString(root.resolve("hermes-client/src/main/B.java"), "");
    assertThat(hermes("demo").err()).contains("Sources have changed").contains("2/5 Hermes Client");
    assertThat(hermes("demo").err()).isEmpty();
    Files.delete(root.resolve("hermes-client/src/main/B.java"));
    assertThat(hermes("demo").err()).contains("Sources have changed");
  }

  @Test
  void showsWhyABuildFailedAndBuildsAgainNextTime() throws Exception {
    mavenThat(
        """
        echo '[INFO] Scanning for projects...'
        echo '[WARNING] /src/A.java:[3,1] something is odd'
        echo '[ERROR] /src/A.java:[7,2] cannot find symbol'
        echo '[ERROR] -> [Help 1]'
        exit 1
        """);
    Result failed = hermes("demo");
    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(failed.out()).isEmpty();
    assertThat(failed.err())
        .contains("A.java:[3,1] something is odd", "A.java:[7,2] cannot find symbol")
        .contains("hermes: The build failed")
        .doesNotContain("Scanning", "Help 1");
    assertThat(hermes("demo").exitCode()).isEqualTo(1);
  }

  @Test
  void saysWhatIsMissingWhereJavaIsTooOldOrNotThere() throws Exception {
    javaOf("1.8.0_442");
    assertThat(hermes("demo").err()).contains(jdk.toString(), "version 8", "JDK, version 17");
    javaOf("11.0.2");
    assertThat(hermes("demo").err()).contains("version 11", "JDK, version 17");
    javaOf("17.0.15");
    assertThat(hermes("demo").exitCode()).isZero();
    Files.move(jdk, temp.resolve("other"));
    jdk = temp.resolve("other");
    javaOf("11.0.2");
    assertThat(hermes("demo").err()).contains("version 11", "JDK, version 17"); // built, still
    Files.delete(jdk.resolve("bin/java"));
    Files.delete(root.resolve("hermes-cli/target/hermes.java"));
    Result missing = hermes("demo");
    assertThat(missing.err().lines()).hasSize(1);
    assertThat(missing.err()).contains("JDK, version 17");
    assertThat(missing.exitCode()).isEqualTo(1);
  }

  @Test
  void worksFromAnyFolderAndThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(temp.resolve("link"), root.resolve("hermes"));
    Result result = run(List.of(link.toString(), "demo"), temp);
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains("|demo|");
  }

  @Test
  void twoAtOnceBuildOnce() throws Exception {
    mavenThat(
        """
        echo "built" >> built.log
        sleep 1
        mkdir -p hermes-cli/target/lib
        : > hermes-cli/target/hermes-cli-0.1.0-SNAPSHOT.jar
        """);
    Process other = start(List.of("./hermes", "produce"), root);
    assertThat(hermes("consume").out()).contains("|consume|");
    assertThat(finish(other).out()).contains("|produce|");
    assertThat(root.resolve("built.log")).hasContent("built");
  }

  @Test
  void archivesTheClassesOfADemoOnceForEachJava() throws Exception {
    Result first = hermes("consume");
    assertThat(first.err()).contains("Preparing fast starts with " + jdk);
    assertThat(first.out()).contains("-XX:SharedArchiveFile=", "|consume|").doesNotContain("demo");
    assertThat(hermes("consume").err()).isEmpty();
    Path log = root.resolve("trained.log");
    assertThat(log).content().hasLineCount(1).contains("0.1.0-SNAPSHOT.jar demo");
    Files.writeString(root.resolve("hermes-client/src/main/A.java"), "changed");
    assertThat(hermes("consume").out()).contains("-XX:SharedArchiveFile=");
    assertThat(log).content().hasLineCount(2);
    Files.move(jdk, temp.resolve("other"));
    jdk = temp.resolve("other");
    assertThat(hermes("consume").err())
        .isEqualTo(
            "Preparing fast starts with "
                + jdk.resolve("bin/java")
                + "; this happens once and takes a few seconds.\n");
    assertThat(log).content().hasLineCount(3);
  }

  @Test
  void runsNeitherSourcesNorJavadocThatAReleaseLeft() throws Exception {
    hermes("consume");
    for (String other : List.of("sources", "javadoc")) {
      Path jar = root.resolve("hermes-cli/target/hermes-cli-0.1.0-SNAPSHOT-" + other + ".jar");
      Files.writeString(jar, "");
    }
    assertThat(hermes("consume").out())
        .contains("/hermes-cli-0.1.0-SNAPSHOT.jar|consume|")
        .doesNotContain("sources", "javadoc");
  }

  @Test
  void worksWithoutAnArchive() throws Exception {
    script(
        jdk.resolve("bin/java"),
        """
        if [ "$1" = -version ]; then
          echo 'openjdk version "17.0.15" 2025-04-15' >&2
        else
          printf '%s|' "$@"
          case "$*" in *ArchiveClassesAtExit*) exit 1 ;; esac
        fi
        """);
    Result run = hermes("consume");
    assertThat(run.out()).contains("|consume|").doesNotContain("SharedArchiveFile", "demo");
    assertThat(run.exitCode()).isZero();
    assertThat(hermes("consume").err()).isEmpty();
  }

  private void mavenThat(String script) throws IOException {
    script(root.resolve("mvnw"), script);
  }

  private void javaOf(String version) throws IOException {
    script(
        jdk.resolve("bin/java"),
        """
        if [ "$1" = -version ]; then
          echo 'Picked up JAVA_TOOL_OPTIONS: -Dx=1' >&2
          echo 'openjdk version "%s" 2025-04-15' >&2
        else
          for option in "$@"; do
            case $option in
              -XX:ArchiveClassesAtExit=*)
                echo classes > "${option#*=}"
                echo "$0 $*" >> trained.log
                ;;
            esac
          done
          printf '%%s|' "$@"
        fi
        """
            .formatted(version));
  }

  private static void script(Path file, String script) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, fromString("rwxr-xr-x"));
  }

  private record Result(int exitCode, String out, String err) {}

  private Result hermes(String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of("./hermes"));
    command.addAll(List.of(args));
    return run(command, root);
  }

  private Result run(List<String> command, Path folder) throws Exception {
    return finish(start(command, folder));
  }

  private Process start(List<String> command, Path folder) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().putAll(Map.of("JAVA_HOME", jdk.toString()));
    return builder.start();
  }

  private static Result finish(Process process) throws Exception {
    process.getOutputStream().close();
    assertThat(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)).isTrue();
    return new Result(
        process.exitValue(),
        new String(process.getInputStream().readAllBytes(), UTF_8),
        new String(process.getErrorStream().readAllBytes(), UTF_8));
  }
}
