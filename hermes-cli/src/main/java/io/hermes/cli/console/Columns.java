package io.hermes.cli.console;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi.Style;

/**
 * Aligned columns for lines that are printed one by one. Columns widen if necessary; on a terminal,
 * lines are cut at its edge.
 */
public final class Columns {

  private static final int WIDE = 140; // the width from which dates fit
  private static final int WIDEST_KEY = 36; // a UUID

  private final Console console;
  private final String[] titles;
  private final int[] widths;
  private boolean titled;

  /**
   * Columns.
   *
   * @param titles those of numeric columns start with a space, and are right-aligned like their
   *     numbers
   * @param widths the minimum widths
   */
  public Columns(Console console, String[] titles, int[] widths) {
    this.console = console;
    this.titles = titles.clone();
    this.widths = widths.clone();
  }

  /** Prints a line, and the titles before the first one. */
  public void print(@Nullable Style style, List<String> cells) {
    for (int i = 0; i < cells.size() - 1; i++) {
      widths[i] = Math.max(widths[i], cells.get(i).length());
    }
    if (!titled) {
      titled = true;
      List<String> stripped = new ArrayList<>();
      for (String title : titles) {
        stripped.add(title.strip());
      }
      console.out().println(console.style(Style.bold, line(stripped)));
    }
    String line = line(cells);
    console.out().println(style == null ? line : console.style(style, line));
  }

  private String line(List<String> cells) {
    StringJoiner line = new StringJoiner("  ");
    for (int i = 0; i < cells.size(); i++) {
      boolean onTheRight = titles[i].startsWith(" ");
      line.add(
          onTheRight ? Text.right(cells.get(i), widths[i]) : Text.left(cells.get(i), widths[i]));
    }
    String text = line.toString().stripTrailing();
    int columns = console.look().columns();
    return columns == 0 ? text : Text.cut(text, columns);
  }

  /** A record's time, without its date if that does not fit. */
  public static String time(Console console, String time) {
    int columns = console.look().columns();
    return columns > 0 && columns < WIDE ? time.substring(time.indexOf('T') + 1) : time;
  }

  /** A record's key, cut on a terminal. */
  public static String key(Console console, byte @Nullable [] key) {
    return key(console, Text.of(key));
  }

  /** A record's key as text, cut on a terminal. */
  public static String key(Console console, String text) {
    return console.look().columns() == 0 ? text : Text.cut(text, WIDEST_KEY);
  }
}
