package io.hermes.cli.console;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi.Style;

/**
 * Where a command writes, and what the launcher has detected about it, because Java 17 cannot tell
 * whether one of its streams is a terminal. Both writers are safe for any thread.
 */
public final class Console {

  private static final int UNKNOWN_WIDTH = 100;

  private final Results results;
  private final PrintWriter out;
  private final PrintWriter err;
  private final Look look;

  /**
   * The properties of the streams.
   *
   * @param columns the width of the terminal on standard output; 0 if it is not a terminal
   * @param progress whether standard error is a terminal
   * @param colour whether the user wants colors there
   * @param unicode whether more than ASCII can be shown
   */
  public record Look(int columns, boolean progress, boolean colour, boolean unicode) {

    public static final Look PLAIN = new Look(0, false, false, false);

    /** Determines them from the launcher's properties and the environment's conventions. */
    public static Look of(Properties properties, Map<String, String> environment) {
      int columns = Integer.parseInt(properties.getProperty("hermes.columns", "0"));
      boolean progress = Boolean.parseBoolean(properties.getProperty("hermes.progress"));
      boolean dumb = "dumb".equals(environment.get("TERM"));
      boolean plain = !environment.getOrDefault("NO_COLOR", "").isEmpty();
      String locale = "";
      for (String name : new String[] {"LANG", "LC_CTYPE", "LC_ALL"}) { // the last one wins
        String value = environment.getOrDefault(name, "");
        locale = value.isEmpty() ? locale : value;
      }
      boolean unicode = locale.toLowerCase(Locale.ROOT).matches(".*utf-?8.*");
      return new Look(columns, progress && !dumb, columns > 0 && !dumb && !plain, unicode);
    }
  }

  public Console(OutputStream out, OutputStream err, Look look) {
    this(new Results(out, null), err, look);
  }

  private Console(Results results, OutputStream err, Look look) {
    this.results = results;
    this.out = new PrintWriter(new OutputStreamWriter(results, StandardCharsets.UTF_8), false);
    this.err = new PrintWriter(new OutputStreamWriter(err, StandardCharsets.UTF_8), true);
    this.look = look;
  }

  /** The process's own streams, always in UTF-8 regardless of the locale. */
  public static Console standard() {
    return new Console(
        new Results(new FileOutputStream(FileDescriptor.out), Path.of("/dev/fd/1")),
        new FileOutputStream(FileDescriptor.err),
        Look.of(System.getProperties(), System.getenv()));
  }

  /** For results. Not flushed automatically: see {@link #outputEnded()}. */
  public PrintWriter out() {
    return out;
  }

  /** For errors, progress and remarks. */
  public PrintWriter err() {
    return err;
  }

  /** An error or a remark, in one line on standard error. */
  public void say(String message) {
    err.println("hermes: " + Text.printable(message.strip().replaceAll("\\s*\\R\\s*", " ")));
  }

  public Look look() {
    return look;
  }

  /** The maximum width of help and tables. */
  public int width() {
    return look.columns() == 0 ? UNKNOWN_WIDTH : look.columns();
  }

  /** Text in a style, if colors are wanted. */
  public String style(Style style, String text) {
    return look.colour() ? style.on() + text + Style.reset.on() : text;
  }

  /** Writes raw bytes after everything printed so far. */
  public void write(byte[] bytes) {
    out.flush();
    try {
      results.write(bytes);
    } catch (IOException e) {
      // outputEnded() reports it
    }
  }

  /**
   * Flushes.
   *
   * @return whether nothing more can be written: the reader of a pipe has ended, as {@code | head}
   *     does, or writing failed
   */
  public boolean outputEnded() {
    return out.checkError() || results.hasFailed();
  }

  /**
   * Flushes, and returns why results could not be written; null if all were written, or their
   * reader has ended.
   */
  public @Nullable String outputProblem() {
    out.flush();
    return results.problem();
  }
}
