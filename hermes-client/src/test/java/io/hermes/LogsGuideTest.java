package io.hermes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/logs.md has every line that the sources log at INFO or above, and no other. */
class LogsGuideTest {

  private static final String LITERAL = "\"((?:[^\"\\\\]|\\\\.)*)\"";

  /** A call of a logger, up to the end of its format. */
  private static final Pattern CALL =
      Pattern.compile(
          "\\b(?:LOG|log)\\s*\\.\\s*(info|warn|error)\\(\\s*("
              + LITERAL
              + "(?:\\s*\\+\\s*"
              + LITERAL
              + ")*)?");

  private static final Pattern DOCUMENTED =
      Pattern.compile("^- \\*\\*(INFO|WARN|ERROR)\\*\\* `([^`]+)`", Pattern.MULTILINE);

  private static final Pattern OWNED =
      Pattern.compile("\\w+ (?:Group \\{}|\\{}|Reader|Topic|Settings)(?:: | ).*");

  @Test
  void everyLineOfTheSourcesIsDocumentedAndNoOther() throws IOException {
    Set<String> logged = logged();
    assertThat(logged).hasSizeGreaterThan(40);
    assertThat(documented()).containsExactlyInAnyOrderElementsOf(logged);
  }

  @Test
  void everyLineNamesItsOwner() throws IOException {
    assertThat(logged()).allMatch(line -> OWNED.matcher(line).matches());
  }

  @Test
  void everyKindOfFaultIsDocumented() throws IOException {
    assertThat(Files.readString(Path.of("../docs/logs.md")))
        .contains(Arrays.stream(Fault.Kind.values()).map(kind -> "\n| `" + kind + "` |").toList());
  }

  private static Set<String> logged() throws IOException {
    Set<String> lines = new TreeSet<>();
    for (String module : List.of(".", "../hermes-jdbc")) {
      for (Path file : sources(Path.of(module, "src/main/java"))) {
        Matcher call = CALL.matcher(Files.readString(file));
        while (call.find()) {
          assertThat(call.group(2))
              .as("%s: %s has a literal format", file, call.group())
              .isNotNull();
          StringBuilder format =
              new StringBuilder(call.group(1).toUpperCase(Locale.ROOT)).append(' ');
          Matcher literal = Pattern.compile(LITERAL).matcher(call.group(2));
          while (literal.find()) {
            format.append(literal.group(1));
          }
          lines.add(format.toString());
        }
      }
    }
    return lines;
  }

  private static List<Path> sources(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(path -> path.toString().endsWith(".java")).toList();
    }
  }

  private static Set<String> documented() throws IOException {
    Set<String> lines = new TreeSet<>();
    Matcher line = DOCUMENTED.matcher(Files.readString(Path.of("../docs/logs.md")));
    while (line.find()) {
      String text = line.group(2).replaceAll("\\s+", " ").replaceAll("<[^>]+>", "{}");
      assertThat(lines.add(line.group(1) + " " + text)).as("documented once: %s", text).isTrue();
    }
    return lines;
  }
}
