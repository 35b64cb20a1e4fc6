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
 * Where a command writes, and what the launcher found out about it, since Java 17 cannot tell
 * whether one of its streams is a terminal. Both writers are safe for any thread.
 */
public final class Console {

  private static final int UNKNOWN_WIDTH = 100;

  private final Results results;
  private final PrintWriter out;
  private final PrintWriter err;
  private final Look look;

  /**
   * What the streams are.
   *
   * @param columns the width of the terminal that standard output is; 0 if it is none
   * @param progress whether standard error is a terminal
   * @param colour whether a person wants colours there
   * @param unicode whether more than ASCII can be shown
   */
  public record Look(int columns, boolean progress, boolean colour, boolean unicode) {

    public static final Look PLAIN = new Look(0, false, false, false);

    /** From what the launcher passes on, and the environment's conventions. */
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

  /** The process's own streams, which are UTF-8 whatever the locale is. */
  public static Console standard() {
    return new Console(
        new Results(new FileOutputStream(FileDescriptor.out), Path.of("/dev/fd/1")),
        new FileOutputStream(FileDescriptor.err),
        Look.of(System.getProperties(), System.getenv()));
  }

  /** For results. Not flushed by itself: see {@link #outputEnded()}. */
  public PrintWriter out() {
    return out;
  }

  /** For errors, progress, and remarks that are no results. */
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

  /** How wide help and tables may be. */
  public int width() {
    return look.columns() == 0 ? UNKNOWN_WIDTH : look.columns();
  }

  /** Text in a style, where colours are wanted. */
  public String style(Style style, String text) {
    return look.colour() ? style.on() + text + Style.reset.on() : text;
  }

  /** Writes bytes as they are, behind all that was printed. */
  public void write(byte[] bytes) {
    out.flush();
    try {
      results.write(bytes);
    } catch (IOException e) {
      // outputEnded() says it
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

  /** Flushes; why results could not be written. Null if all were, or their reader has ended. */
  public @Nullable String outputProblem() {
    out.flush();
    return results.problem();
  }
}
