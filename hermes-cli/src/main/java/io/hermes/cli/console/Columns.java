package io.hermes.cli.console;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Ansi.Style;

/**
 * Aligned columns for lines that come one by one. They get wider when they must; on a terminal a
 * line ends at its edge.
 */
public final class Columns {

  private static final int WIDE = 140; // from here on there is room for dates
  private static final int WIDEST_KEY = 36; // a UUID

  private final Console console;
  private final String[] titles;
  private final int[] widths;
  private boolean titled;

  /**
   * Columns.
   *
   * @param titles those of numbers start with a space, and are on the right as their numbers are
   * @param widths how wide each is at least
   */
  public Columns(Console console, String[] titles, int[] widths) {
    this.console = console;
    this.titles = titles.clone();
    this.widths = widths.clone();
  }

  /** Prints a line, and before the first one the titles. */
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

  /** A record's time, without its date where there is no room for it. */
  public static String time(Console console, String time) {
    int columns = console.look().columns();
    return columns > 0 && columns < WIDE ? time.substring(time.indexOf('T') + 1) : time;
  }

  /** A record's key, cut on a terminal. */
  public static String key(Console console, byte @Nullable [] key) {
    String text = Text.of(key);
    return console.look().columns() == 0 ? text : Text.cut(text, WIDEST_KEY);
  }
}
