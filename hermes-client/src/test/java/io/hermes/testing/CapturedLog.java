package io.hermes.testing;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What this JVM logs meanwhile, from INFO on. Not for two tests at once. */
public final class CapturedLog implements AutoCloseable {

  private final PrintStream before = System.err;
  private final ByteArrayOutputStream captured = new ByteArrayOutputStream();

  public CapturedLog() {
    // slf4j-simple looks up System.err for each line.
    System.setErr(new PrintStream(new Tee(), true, StandardCharsets.UTF_8));
  }

  private final class Tee extends OutputStream {
    @Override
    public void write(int b) {
      captured.write(b);
      before.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      captured.write(bytes, offset, length);
      before.write(bytes, offset, length);
    }
  }

  /** Everything. */
  public String text() {
    return captured.toString(StandardCharsets.UTF_8);
  }

  /** The lines that contain a text. */
  public List<String> lines(String text) {
    return text().lines().filter(line -> line.contains(text)).toList();
  }

  @Override
  public void close() {
    System.setErr(before);
  }
}
