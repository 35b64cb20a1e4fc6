package io.hermes.cli.console;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import picocli.CommandLine.Help.Ansi.Style;

/** Rows in aligned columns under their titles; on a terminal, rows are cut at its edge. */
public final class Table {

  private static final int NARROWEST = 8;
  private static final String GAP = "  ";

  private final String[] titles;
  private final List<String[]> rows = new ArrayList<>();

  /**
   * A table.
   *
   * @param titles of the columns; those of numeric columns start with a space, and are
   *     right-aligned like their numbers
   */
  public Table(String... titles) {
    this.titles = titles.clone();
  }

  public void add(String... cells) {
    rows.add(cells);
  }

  public void print(Console console) {
    List<String> lines = lines(widths(), console.look().columns());
    console.out().println(console.style(Style.bold, lines.get(0)));
    lines.subList(1, lines.size()).forEach(console.out()::println);
  }

  /**
   * The titles and the rows. If they are too wide, the cells of the first column are cut first, and
   * then the ends of the lines.
   *
   * @param width of the terminal
   */
  public List<String> linesThatFit(int width) {
    int[] widths = widths();
    int excess = -GAP.length() - width;
    for (int one : widths) {
      excess += one + GAP.length();
    }
    widths[0] = Math.max(Math.min(NARROWEST, widths[0]), widths[0] - Math.max(0, excess));
    return lines(widths, width);
  }

  private int[] widths() {
    int[] widths = new int[titles.length];
    for (int i = 0; i < titles.length; i++) {
      int column = i;
      widths[i] =
          Math.max(
              titles[i].strip().length(),
              rows.stream().mapToInt(row -> row[column].length()).max().orElse(0));
    }
    return widths;
  }

  private List<String> lines(int[] widths, int width) {
    List<String> lines = new ArrayList<>();
    lines.add(line(titles, widths, width));
    rows.forEach(row -> lines.add(line(row, widths, width)));
    return lines;
  }

  private String line(String[] cells, int[] widths, int width) {
    StringJoiner line = new StringJoiner(GAP);
    for (int i = 0; i < cells.length; i++) {
      String cell = Text.cut(cells[i].strip(), widths[i]);
      line.add(
          titles[i].startsWith(" ") ? Text.right(cell, widths[i]) : Text.left(cell, widths[i]));
    }
    String text = line.toString().stripTrailing();
    return width == 0 ? text : Text.cut(text, width);
  }
}
