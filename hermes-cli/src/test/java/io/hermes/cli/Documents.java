package io.hermes.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The documents of the project that show commands. */
public final class Documents {

  /** The project's folder. Tests run in their module's. */
  public static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private Documents() {}

  /** README.md, the guides in docs/, those of modules and of k8s/. */
  public static List<Path> all() {
    try (Stream<Path> files = Files.walk(ROOT, 3)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.toString().contains("/target/"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A document's text. */
  public static String text(Path document) {
    try {
      return Files.readString(document);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
