package io.hermes.cli.groups;

import io.hermes.cli.console.Console;
import io.hermes.cli.console.Screen.Size;
import io.hermes.cli.console.Table;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.cli.groups.TopFigures.Outage;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help.Ansi.Style;

/** The figures as lines that fit a terminal. Immutable. */
record TopFrame(Console console, boolean oneGroup, TopRows.Sort sort) {

  private static final int WIDE = 110; // the width from which all columns fit

  /** What a terminal of that size shows. */
  List<String> lines(TopFigures figures, Size room) {
    List<String> lines = all(figures, room);
    int most = Math.max(1, room.rows() - 1);
    int more = lines.size() - most;
    List<String> fitting = new ArrayList<>(more > 0 ? lines.subList(0, most) : lines);
    if (room.rows() > 1) {
      String left = more > 0 ? Units.count(more) + " more. " : "";
      fitting.add(console.style(Style.faint, cut(left + "q ends it.", room)));
    }
    return fitting;
  }

  /** All lines, whatever the terminal's height is. */
  List<String> all(TopFigures figures, Size room) {
    GroupSample sample = figures.newest();
    List<String> lines = new ArrayList<>();
    lines.add(
        cut(
            "%s  %s  %s  %s"
                .formatted(
                    sample.time(),
                    Units.count(sample.groups().size(), "group"),
                    Units.count(sample.brokers(), "broker"),
                    sample.where()),
            room));
    Outage outage = figures.outage();
    if (outage != null) {
      String text = "No figures since " + outage.since() + ": " + Text.printable(outage.problem());
      lines.add(console.style(Style.fg_red, cut(text, room)));
    }
    for (String remark : sample.remarks()) {
      lines.add(console.style(Style.fg_yellow, cut(remark, room)));
    }
    lines.add("");
    TopRows.Style style = room.columns() < WIDE ? TopRows.Style.NARROW : TopRows.Style.WIDE;
    if (oneGroup) {
      addTable(lines, TopRows.of(figures, false, sort, style), room);
      lines.add("");
    }
    addTable(lines, TopRows.of(figures, oneGroup, sort, style), room);
    return lines;
  }

  private void addTable(List<String> lines, TopRows rows, Size room) {
    if (rows.rows().isEmpty()) {
      return;
    }
    Table table = new Table(rows.titles().toArray(String[]::new));
    rows.rows().forEach(row -> table.add(row.cells().toArray(String[]::new)));
    List<String> texts = table.linesThatFit(room.columns());
    lines.add(console.style(Style.bold, texts.get(0)));
    for (int i = 1; i < texts.size(); i++) {
      boolean behind = rows.rows().get(i - 1).pace().isFallingBehind();
      lines.add(behind ? console.style(Style.fg_yellow, texts.get(i)) : texts.get(i));
    }
  }

  private static String cut(String line, Size room) {
    return Text.cut(line, room.columns());
  }
}
