package io.hermes.cli.console;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The stream for results. Remembers the first error, which a {@link java.io.PrintWriter} swallows;
 * after it, nothing more is written, so the output has no gaps. Safe for any thread.
 */
final class Results extends OutputStream {

  private static final int FILE_TYPE = 0170000; // of a file's mode
  private static final int FIFO = 0010000;
  private static final int SOCKET = 0140000;

  private final OutputStream out;
  private final @Nullable Path path;
  private @Nullable IOException failure;

  /**
   * Results.
   *
   * @param path the stream's path in the file system; null if it has none
   */
  Results(OutputStream out, @Nullable Path path) {
    this.out = out;
    this.path = path;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    if (failure != null) {
      throw failure;
    }
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public synchronized void flush() throws IOException {
    if (failure != null) {
      throw failure;
    }
    try {
      out.flush();
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /** Whether something could not be written. */
  synchronized boolean hasFailed() {
    return failure != null;
  }

  /**
   * Why something could not be written; null if everything was written, or its reader has ended.
   */
  synchronized @Nullable String problem() {
    if (failure == null) {
      return null;
    }
    String message = String.valueOf(failure.getMessage());
    return message.toLowerCase(Locale.ROOT).contains("broken pipe") || hasReader() ? null : message;
  }

  /**
   * Whether this is a pipe or a socket, whose writes fail only when the reader has ended. The error
   * message is no proof of that, because it may be localized.
   */
  private boolean hasReader() {
    try {
      int type = path == null ? 0 : (Integer) Files.getAttribute(path, "unix:mode") & FILE_TYPE;
      return type == FIFO || type == SOCKET;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return false;
    }
  }
}
