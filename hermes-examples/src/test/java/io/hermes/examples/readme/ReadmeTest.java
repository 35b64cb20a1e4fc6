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

/** README.md and the guides beside what they speak of. */
class ReadmeTest {

  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void everyJavaSnippetOfEveryDocumentIsCompiledCodeOfThisPackage() throws IOException {
    String code = sources();
    List<String> snippets = new ArrayList<>();
    for (Path document : Documents.all()) {
      Matcher matcher = SNIPPET.matcher(Documents.text(document));
      while (matcher.find()) {
        snippets.add(withoutIndentation(matcher.group(1)));
      }
    }
    assertThat(snippets)
        .hasSizeGreaterThan(10)
        .allSatisfy(snippet -> assertThat(code).contains(snippet));
  }

  @Test
  void everyPublicExceptionIsInTheGuideOfErrors() throws IOException {
    String errors = Documents.text(Documents.ROOT.resolve("docs/errors.md"));
    Path client = Documents.ROOT.resolve("hermes-client/src/main/java/io/hermes");
    try (var files = Files.newDirectoryStream(client, "*Exception.java")) {
      for (Path file : files) {
        String exception = file.getFileName().toString().replace(".java", "");
        assertThat(errors).contains("`" + exception + "`");
      }
    }
  }

  @Test
  void theFrontPageIsShortAndShowsCodeEarly() {
    List<String> lines = Documents.text(Documents.ROOT.resolve("README.md")).lines().toList();
    assertThat(lines).hasSizeLessThanOrEqualTo(150);
    assertThat(lines.subList(0, 40)).contains("```java");
  }

  private static String sources() throws IOException {
    StringBuilder code = new StringBuilder();
    Path folder = Documents.ROOT.resolve("hermes-examples/src/test/java/io/hermes/examples/readme");
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
}
