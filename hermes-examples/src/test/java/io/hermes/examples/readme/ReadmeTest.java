package io.hermes.examples.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.hermes.jdbc.Outbox;
import io.hermes.jdbc.OutboxRelay;
import io.hermes.kafka.KafkaSettings;
import io.hermes.publish.HermesPublisher;
import io.hermes.publish.TransactionalPublisher;
import io.hermes.read.HermesReader;
import io.hermes.subscribe.PipeBuilder;
import io.hermes.subscribe.SubscriberBuilder;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** README.md and the guides beside what they speak of. */
class ReadmeTest {

  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  /** Where the snippets are: here, and where there is Spring. */
  private static final List<String> CODE =
      List.of(
          "hermes-examples/src/test/java/io/hermes/examples",
          "hermes-examples/spring-boot-service/src/main/java",
          "hermes-spring-boot-autoconfigure/src/test/java/io/hermes/spring/guide",
          "hermes-spring-boot-test/src/test/java/io/hermes/spring/test");

  @Test
  void everyJavaSnippetOfEveryDocumentIsCompiledCode() throws IOException {
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

  @ParameterizedTest
  @ValueSource(
      classes = {
        KafkaSettings.Builder.class,
        HermesPublisher.Builder.class,
        TransactionalPublisher.Builder.class,
        SubscriberBuilder.class,
        PipeBuilder.class,
        HermesReader.Builder.class,
        Outbox.Builder.class,
        OutboxRelay.Builder.class
      })
  void everySettingIsInTheGuideOfSettings(Class<?> builder) {
    String settings = Documents.text(Documents.ROOT.resolve("docs/settings.md"));
    Stream.of(builder.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()))
        .filter(method -> method.getReturnType().equals(builder))
        .forEach(method -> assertThat(settings).contains(method.getName() + "("));
  }

  @Test
  void theFrontPageIsShortAndShowsCodeEarly() {
    List<String> lines = Documents.text(Documents.ROOT.resolve("README.md")).lines().toList();
    assertThat(lines).hasSizeLessThanOrEqualTo(150);
    assertThat(lines.subList(0, 40)).contains("```java");
  }

  /** Without imports, comments and empty lines. */
  @Test
  void theServiceOnSpringBootIsShort() {
    Path service = Documents.ROOT.resolve("hermes-examples/spring-boot-service/src/main");
    assertThat(Documents.text(service.resolve("java/com/acme/billing/Billing.java")).lines())
        .filteredOn(line -> !line.matches("(package|import) .*| *(/?\\*.*)?"))
        .hasSizeBetween(10, 25);
    assertThat(Documents.text(service.resolve("resources/application.yaml")).lines())
        .hasSizeBetween(1, 10);
  }

  /** Tables, and what is to be copied from a block of code, are as wide as they are. */
  @Test
  void everyDocumentWrapsAtAHundredColumns() throws IOException {
    for (Path document : Documents.all()) {
      boolean code = false;
      int number = 0;
      for (String line : Documents.text(document).lines().toList()) {
        number++;
        boolean fence = line.strip().startsWith("```");
        code ^= fence;
        if (!code && !fence && !line.startsWith("|")) {
          assertThat(line.length()).as("%s:%d", document, number).isLessThanOrEqualTo(100);
        }
      }
    }
  }

  private static String sources() throws IOException {
    StringBuilder code = new StringBuilder();
    for (String folder : CODE) {
      try (Stream<Path> files = Files.walk(Documents.ROOT.resolve(folder))) {
        for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
          code.append(withoutIndentation(Files.readString(file)));
        }
      }
    }
    return code.toString();
  }

  private static String withoutIndentation(String text) {
    return text.replaceAll("(?m)^ +", "");
  }
}
