package io.hermes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CASES.md and DESIGN.md name only what exists. */
class CasesTest {

  private static final Pattern TEST = Pattern.compile("`(\\w+Test)\\.(\\w+)`");
  private static final Pattern NAME = Pattern.compile("`(\\w+)`");
  private static final List<String> PACKAGES =
      List.of("subscribe", "publish", "read", "kafka", "codec", "faults");

  @ParameterizedTest
  @ValueSource(strings = {"src/test/CASES.md", "DESIGN.md"})
  void everyTestThatTheDocumentNamesExists(String document) throws Exception {
    List<MatchResult> named = TEST.matcher(Files.readString(Path.of(document))).results().toList();
    assertThat(named).hasSizeGreaterThan(10);
    for (MatchResult test : named) {
      assertThat(exists(test.group(1), test.group(2))).as(test.group()).isTrue();
    }
  }

  private static boolean exists(String type, String method) throws ClassNotFoundException {
    for (String candidate : PACKAGES) {
      if (Files.exists(Path.of("src/test/java/io/hermes", candidate, type + ".java"))) {
        Class<?> found = Class.forName("io.hermes." + candidate + "." + type);
        return Arrays.stream(found.getDeclaredMethods()).anyMatch(m -> m.getName().equals(method));
      }
    }
    return false;
  }

  @Test
  void everyClassOfTheFileMapExists() throws IOException {
    String design = Files.readString(Path.of("DESIGN.md"));
    List<String> named =
        design
            .substring(design.indexOf("## File map"))
            .lines()
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.substring(0, line.indexOf('|', 1)))
            .flatMap(cell -> NAME.matcher(cell).results().map(name -> name.group(1)))
            .toList();
    assertThat(named).hasSizeGreaterThan(50);
    assertThat(classes()).containsAll(named);
  }

  private static Set<String> classes() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      return files
          .map(file -> file.getFileName().toString().replace(".java", ""))
          .collect(Collectors.toSet());
    }
  }
}
