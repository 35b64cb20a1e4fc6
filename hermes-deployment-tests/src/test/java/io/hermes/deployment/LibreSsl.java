package io.hermes.deployment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An openssl that refuses what LibreSSL's refuses, in front of the real one. */
final class LibreSsl {

  private LibreSsl() {}

  /** Puts it into a directory. */
  static void install(Path bin) {
    try {
      Files.createDirectories(bin);
      Files.copy(Path.of("src/test/resources/openssl"), bin.resolve("openssl"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A value of PATH that leads to it. */
  static String path(Path bin) {
    return bin + ":" + System.getenv("PATH");
  }
}
