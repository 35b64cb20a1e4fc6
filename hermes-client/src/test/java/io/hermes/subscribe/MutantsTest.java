package io.hermes.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.testing.Programs;
import io.hermes.testing.TestMain;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The tests must see these faults: each patch in {@code src/mutants} is applied to a copy of the
 * sources, and the test that its first line names has to fail on it. With {@code -Pmutants}.
 */
class MutantsTest {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String CAUGHT_BY = "Caught by: ";
  private static final String QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=off";

  @TempDir
  @SuppressWarnings("NullAway.Init") // by JUnit
  Path directory;

  static Stream<Path> mutants() throws IOException {
    List<Path> patches;
    try (Stream<Path> files = Files.list(Path.of("src/mutants"))) {
      patches = files.sorted().toList();
    }
    assertThat(patches).isNotEmpty();
    return patches.stream();
  }

  /** Or a change of the sources would be noticed only when somebody runs the mutants. */
  @ParameterizedTest
  @MethodSource("mutants")
  void fitsTheSources(Path patch) throws IOException {
    String source = "";
    StringBuilder replaced = new StringBuilder();
    int hunks = 0;
    for (String line : Files.readAllLines(patch)) {
      if (line.startsWith("--- a/")) {
        source = Files.readString(Path.of(line.substring("--- a/".length())));
      } else if (line.startsWith("@@")) {
        assertThat(source).contains(replaced);
        replaced.setLength(0);
        hunks++;
      } else if (hunks > 0 && !line.startsWith("+")) {
        replaced.append(line.isEmpty() ? "" : line.substring(1)).append('\n');
      }
    }
    assertThat(hunks).isPositive();
    assertThat(source).contains(replaced);
  }

  @Tag("mutants")
  @ParameterizedTest
  @MethodSource("mutants")
  void isCaught(Path patch) throws Exception {
    String first = Files.readAllLines(patch).get(0);
    assertThat(first).startsWith(CAUGHT_BY);
    Path sources = directory.resolve("src/main/java/io/hermes/subscribe");
    Files.createDirectories(sources);
    List<String> files = new ArrayList<>();
    try (Stream<Path> originals = Files.list(Path.of("src/main/java/io/hermes/subscribe"))) {
      for (Path original : originals.toList()) {
        Path copy = sources.resolve(original.getFileName());
        Files.copy(original, copy);
        files.add(copy.toString());
      }
    }
    Path log = directory.resolve("log");
    int patched =
        Programs.run(
            LIMIT,
            directory,
            log,
            List.of("patch", "-p1", "-i", patch.toAbsolutePath().toString()));
    assertThat(patched).as(Files.readString(log)).isZero();
    Path classes = Files.createDirectories(directory.resolve("classes"));
    String classpath = System.getProperty("java.class.path");
    compile(files, classes, classpath);
    String tests = "class:" + first.substring(CAUGHT_BY.length());
    int exitCode =
        Programs.run(
            LIMIT,
            Path.of("."),
            log,
            TestMain.command(
                classes + File.pathSeparator + classpath, List.of(QUIET), "full", tests));
    assertThat(exitCode) // hanging is noticed, too
        .as("%s survived: %s", patch.getFileName(), Files.readString(log))
        .isIn(TestMain.TESTS_FAILED, Programs.HANGS);
  }

  private static void compile(List<String> files, Path classes, String classpath) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of("-nowarn", "-proc:none", "-cp", classpath, "-d", classes.toString());
    try (var manager = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  manager,
                  null,
                  options,
                  null,
                  manager.getJavaFileObjectsFromStrings(files))
              .call();
      assertThat(compiled).as(messages.toString()).isTrue();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
