package io.hermes.cli.groups;

import io.hermes.cli.console.Columns;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Units;
import io.hermes.cli.groups.TopFigures.Outage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A line for each row of each sample, for pipes and files. Remarks go to standard error, once. */
final class TopLines implements TopView {

  private static final int TIME_WIDTH = 20;
  private static final int NAME_WIDTH = 24;
  private static final int LEAST_WIDTH = 8; // for a state, or a growing lag

  private final Console console;
  private final boolean oneGroup;
  private final TopRows.Sort sort;
  private @Nullable Columns columns; // from the first sample on
  private List<String> said = List.of();
  private @Nullable Instant silentSince;

  TopLines(Console console, boolean oneGroup, TopRows.Sort sort) {
    this.console = console;
    this.oneGroup = oneGroup;
    this.sort = sort;
  }

  @Override
  public void show(TopFigures figures) {
    Outage outage = figures.outage();
    if (outage != null) {
      if (silentSince == null) {
        silentSince = outage.since();
        console.say("No figures since " + outage.since() + ": " + outage.problem());
      }
      return;
    }
    if (silentSince != null) {
      Duration silence = Duration.between(silentSince, Instant.now());
      silentSince = null;
      console.say("The brokers respond again, after " + Units.duration(silence) + ".");
    }
    GroupSample sample = figures.newest();
    if (!sample.remarks().equals(said)) {
      said = sample.remarks();
      said.forEach(console::say);
    }
    print(sample.time().toString(), TopRows.of(figures, oneGroup, sort, TopRows.Style.PLAIN));
  }

  private void print(String time, TopRows rows) {
    for (TopRows.Row row : rows.rows()) {
      if (columns == null) {
        columns = columns(rows.titles());
      }
      List<String> cells = new ArrayList<>(List.of(time));
      cells.addAll(row.cells());
      columns.print(null, cells);
    }
  }

  private Columns columns(List<String> ofRows) {
    List<String> titles = new ArrayList<>(List.of("TIME"));
    titles.addAll(ofRows);
    int[] widths =
        titles.stream().mapToInt(title -> Math.max(LEAST_WIDTH, title.strip().length())).toArray();
    widths[0] = TIME_WIDTH;
    widths[1] = NAME_WIDTH;
    return new Columns(console, titles.toArray(String[]::new), widths);
  }

  /** Also flushes, so that each sample is visible immediately. */
  @Override
  public boolean isEnded() {
    return console.outputEnded();
  }

  @Override
  public void close() {
    console.out().flush();
  }

  @Override
  public void keep(TopFigures figures) {
    // the lines are already printed
  }
}
