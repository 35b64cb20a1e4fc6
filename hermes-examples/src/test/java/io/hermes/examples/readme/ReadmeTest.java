package io.hermes.examples.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every Java snippet of README.md is code of this package, which is compiled and run. */
class ReadmeTest {

  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void everyJavaSnippetIsCompiledCodeOfThisPackage() throws IOException {
    String code = sources();
    List<String> snippets = new ArrayList<>();
    Matcher matcher = SNIPPET.matcher(Files.readString(root().resolve("README.md")));
    while (matcher.find()) {
      snippets.add(withoutIndentation(matcher.group(1)));
    }
    assertThat(snippets)
        .hasSizeGreaterThan(3)
        .allSatisfy(snippet -> assertThat(code).contains(snippet));
  }

  private static String sources() throws IOException {
    StringBuilder code = new StringBuilder();
    Path folder = root().resolve("hermes-examples/src/test/java/io/hermes/examples/readme");
    try (var files = Files.newDirectoryStream(folder, "*.java")) {
      for (Path file : files) {
        code.append(withoutIndentation(Files.readString(file)));
      }
    }
    return code.toString();
  }

  private static String withoutIndentation(String text) {
    return text.replaceAll("(?m)^ +", "");
  }

  private static Path root() {
    return Path.of("..").toAbsolutePath().normalize();
  }
}
