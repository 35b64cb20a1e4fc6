package io.hermes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CasesTest {

  private static final Pattern NAMED = Pattern.compile("`(\\w+Test)\\.(\\w+)`");
  private static final List<String> PACKAGES =
      List.of("subscribe", "publish", "read", "kafka", "faults");

  @Test
  void everyTestThatTheListNamesExists() throws Exception {
    String list = Files.readString(Path.of("src/test/CASES.md"));
    List<MatchResult> named = NAMED.matcher(list).results().toList();
    assertThat(named).hasSizeGreaterThan(40);
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
}
