package io.hermes.testing;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a JVM has seen, in lines: words, of which the first says what it is and the last the time in
 * milliseconds. Each is with the operating system before the next step, so that a killed JVM leaves
 * all that it has seen.
 */
public final class History {

  /** No channel: an interrupt of a handler that writes would close it for all that follow. */
  private final OutputStream file;

  public History(Path path) {
    try {
      file = new FileOutputStream(path.toFile(), true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public synchronized void add(Object... words) {
    StringBuilder line = new StringBuilder();
    for (Object word : words) {
      line.append(word).append(' ');
    }
    line.append(System.currentTimeMillis()).append('\n');
    try {
      file.write(line.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The words of each line. */
  public static Stream<String[]> read(Path path) {
    try {
      return Files.exists(path)
          ? Files.readAllLines(path).stream().map(line -> line.split(" ", -1))
          : Stream.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
