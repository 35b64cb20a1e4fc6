package io.hermes.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * What a JVM has seen, in lines: words, of which the first says what it is and the last the time in
 * milliseconds. Each is with the operating system before the next step, so that a killed JVM leaves
 * all that it has seen.
 */
public final class History {

  private final FileChannel file;

  public History(Path path) {
    try {
      file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
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
      file.write(ByteBuffer.wrap(line.toString().getBytes(StandardCharsets.UTF_8)));
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
