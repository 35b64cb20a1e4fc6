package io.hermes.cli.console;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import picocli.CommandLine.Help.Ansi.Style;

/** Rows in aligned columns under their titles; on a terminal each ends at its edge. */
public final class Table {

  private final String[] titles;
  private final List<String[]> rows = new ArrayList<>();

  /**
   * A table.
   *
   * @param titles of the columns; those of numbers start with a space, and are on the right as
   *     their numbers are
   */
  public Table(String... titles) {
    this.titles = titles.clone();
  }

  public void add(String... cells) {
    rows.add(cells);
  }

  public void print(Console console) {
    int[] widths = new int[titles.length];
    for (int i = 0; i < titles.length; i++) {
      int column = i;
      widths[i] =
          Math.max(
              titles[i].strip().length(),
              rows.stream().mapToInt(row -> row[column].length()).max().orElse(0));
    }
    console.out().println(console.style(Style.bold, line(console, titles, widths)));
    rows.forEach(row -> console.out().println(line(console, row, widths)));
  }

  private String line(Console console, String[] cells, int[] widths) {
    StringJoiner line = new StringJoiner("  ");
    for (int i = 0; i < cells.length; i++) {
      String cell = cells[i].strip();
      line.add(
          titles[i].startsWith(" ") ? Text.right(cell, widths[i]) : Text.left(cell, widths[i]));
    }
    String text = line.toString().stripTrailing();
    int columns = console.look().columns();
    return columns == 0 ? text : Text.cut(text, columns);
  }
}
