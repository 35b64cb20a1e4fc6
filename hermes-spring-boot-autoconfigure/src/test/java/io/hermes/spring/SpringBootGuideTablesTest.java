package io.hermes.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;

/** The tables of docs/spring-boot.md have what there is. */
class SpringBootGuideTablesTest {

  private static final String METADATA = "META-INF/spring-configuration-metadata.json";

  /** What is between the sentences, and the values, of a log line. */
  private static final Pattern PARTS = Pattern.compile("<[^>]+>|(?<=\\.) ");

  private final String guide;

  SpringBootGuideTablesTest() throws IOException {
    guide = Files.readString(Path.of("../docs/spring-boot.md"));
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> properties(String metadata) {
    return (List<Map<String, Object>>)
        Objects.requireNonNull(
            JsonParserFactory.getJsonParser().parseMap(metadata).get("properties"));
  }

  private List<String> rows(String start) {
    return guide.lines().filter(line -> line.startsWith("| `" + start)).toList();
  }

  @Test
  void everyPropertyOfHermesIsThereAsIdesShowIt() throws IOException {
    String own = Files.readString(Path.of("target/classes", METADATA));
    List<String> expected =
        properties(own).stream()
            .map(found -> "| `" + found.get("name") + "` | " + found.get("description") + " |")
            .toList();

    assertThat(expected).hasSizeGreaterThan(20);
    assertThat(rows("hermes.")).containsExactlyInAnyOrderElementsOf(expected);
  }

  /** Those of a listener, below hermes.subscribers, have no metadata of their own. */
  @Test
  void whatOnlyOneSubscriberHasIsThere() {
    for (String only : List.of("cluster", "topics")) {
      assertThat(guide).contains("`hermes.subscribers.<group>." + only + "`");
    }
  }

  @Test
  void everyPropertyThatSpringBootHasForKafkaHasAMeaningAndARow() throws IOException {
    Path jar =
        Path.of(
            org.springframework.boot.kafka.autoconfigure.KafkaProperties.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
    String boots;
    try (var files = java.nio.file.FileSystems.newFileSystem(jar)) {
      boots = Files.readString(files.getPath(METADATA));
    }
    List<String> names =
        properties(boots).stream()
            .filter(found -> !found.containsKey("deprecation"))
            .map(found -> String.valueOf(found.get("name")))
            .filter(name -> name.startsWith("spring.kafka."))
            .map(name -> name.substring("spring.kafka.".length()))
            .filter(name -> !name.equals("properties") && !name.endsWith(".properties"))
            .toList();

    assertThat(names)
        .hasSizeGreaterThan(50)
        .allSatisfy(name -> assertThat(KafkaPropertyNames.of(name)).as(name).isNotNull());
    Stream<String> ofClients =
        names.stream()
            .filter(
                name ->
                    !(KafkaPropertyNames.of(name) instanceof KafkaPropertyNames.Meaning.Foreign))
            .map(
                name ->
                    name.replaceFirst(
                        "^(consumer|producer)\\.(ssl|security|bootstrap|client)", "$2"));
    assertThat(ofClients.distinct())
        .allSatisfy(name -> assertThat(guide).contains("`" + name + "`"));
  }

  @Test
  void everyLogLineIsOneThatIsLogged() throws IOException {
    StringBuilder sources = new StringBuilder();
    try (Stream<Path> files = Files.list(Path.of("src/main/java/io/hermes/spring"))) {
      for (Path file : files.toList()) {
        sources.append(Files.readString(file));
      }
    }
    Matcher line =
        Pattern.compile("(?m)^- \\*\\*(?:INFO|WARN|ERROR)\\*\\* `([^`]+)`").matcher(guide);
    int lines = 0;
    while (line.find()) {
      lines++;
      String text = line.group(1).replaceAll("\\s+", " ");
      assertThat(PARTS.splitAsStream(text))
          .allSatisfy(part -> assertThat(sources).as(text).contains(part));
    }
    assertThat(lines).isEqualTo(9);
  }
}
