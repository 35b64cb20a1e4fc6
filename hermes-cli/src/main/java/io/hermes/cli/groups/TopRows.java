package io.hermes.cli.groups;

import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.cli.groups.GroupState.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.apache.kafka.clients.admin.MemberDescription;
import org.jspecify.annotations.Nullable;

/**
 * The rows that {@code top} shows, in order: groups, or the partitions of one. Immutable.
 *
 * @param titles the titles of the columns; those of numeric columns start with a space
 * @param rows the rows, in order
 */
record TopRows(List<String> titles, List<Row> rows) {

  /** The order of the rows. */
  enum Sort {
    lag,
    rate,
    group
  }

  /** How cells are formatted. */
  enum Style {
    /** For people, if all columns fit. */
    WIDE,
    /** For people, on a narrow terminal: without the least important columns. */
    NARROW,
    /** For programs: all columns, and plain numbers. */
    PLAIN
  }

  /** A group or a partition. */
  record Row(Pace pace, List<String> cells) {}

  static TopRows of(TopFigures figures, boolean oneGroup, Sort sort, Style style) {
    List<GroupState> groups = figures.newest().groups();
    List<Row> rows = new ArrayList<>();
    for (GroupState group : groups) {
      if (oneGroup) {
        for (Position position : group.positions()) {
          rows.add(row(position, figures.pace(group, List.of(position)), style));
        }
      } else {
        rows.add(row(group, figures.pace(group), style));
      }
    }
    return new TopRows(titles(oneGroup, style), sorted(rows, sort));
  }

  /** Rows that are equal stay in the order of names and partition numbers. */
  private static List<Row> sorted(List<Row> rows, Sort sort) {
    return switch (sort) {
      case lag -> sorted(rows, row -> row.pace().lag());
      case rate -> sorted(rows, row -> row.pace().consumed());
      case group -> rows;
    };
  }

  /** The greatest first; unknown values last. */
  private static List<Row> sorted(List<Row> rows, Function<Row, @Nullable Number> figure) {
    return rows.stream()
        .sorted(
            Comparator.comparingDouble(
                row -> {
                  Number number = figure.apply(row);
                  return number == null ? 1 : -number.doubleValue();
                }))
        .toList();
  }

  private static List<String> titles(boolean oneGroup, Style style) {
    List<String> rates = List.of(" LAG", " CONSUMED/S", " PRODUCED/S", " CATCH-UP");
    List<String> titles = new ArrayList<>();
    boolean all = style != Style.NARROW;
    if (oneGroup) {
      titles.add("PARTITION");
      titles.addAll(all ? List.of(" COMMITTED", " END") : List.of());
    } else {
      titles.addAll(List.of("GROUP", "STATE", " MEMBERS"));
      titles.addAll(all ? List.of(" PARTITIONS") : List.of());
    }
    titles.addAll(rates);
    titles.addAll(oneGroup ? List.of("MEMBER") : all ? List.of("SLOWEST") : List.of());
    return titles;
  }

  private static Row row(GroupState group, Pace pace, Style style) {
    List<String> cells = new ArrayList<>();
    cells.add(Text.printable(group.group().groupId()));
    cells.add(state(group));
    cells.add(count((long) group.group().members().size(), style));
    if (style != Style.NARROW) {
      cells.add(count((long) group.positions().size(), style));
    }
    addRates(cells, pace, style);
    if (style != Style.NARROW) {
      cells.add(slowest(group));
    }
    return new Row(pace, cells);
  }

  private static Row row(Position position, Pace pace, Style style) {
    List<String> cells = new ArrayList<>();
    cells.add(position.id().toString());
    if (style != Style.NARROW) {
      cells.add(position.committed() == null ? "-" : position.committed().toString());
      cells.add(position.log() == null ? "-" : Long.toString(position.end()));
    }
    addRates(cells, pace, style);
    MemberDescription member = position.member();
    cells.add(member == null ? "-" : Text.printable(member.clientId()));
    return new Row(pace, cells);
  }

  private static void addRates(List<String> cells, Pace pace, Style style) {
    cells.add(count(pace.lag(), style));
    cells.add(rate(pace.consumed(), style));
    cells.add(rate(pace.produced(), style));
    cells.add(pace.catchUp());
  }

  /** Kafka's own states, except for the two of a classic group that is rebalancing. */
  private static String state(GroupState group) {
    String state = GroupJson.state(group.group());
    return state.endsWith("rebalance") ? "rebalancing" : state;
  }

  private static String count(@Nullable Long count, Style style) {
    return count == null ? "-" : style == Style.PLAIN ? count.toString() : Units.count(count);
  }

  private static String rate(@Nullable Double rate, Style style) {
    if (rate == null) {
      return "-";
    }
    String format = style == Style.PLAIN ? "%.1f" : rate < 9.95 ? "%.1f" : "%,.0f";
    return String.format(Locale.ROOT, format, rate);
  }

  /** The partition with the greatest lag. */
  private static String slowest(GroupState group) {
    return group.positions().stream()
        .filter(position -> position.lag() != null && position.lag() > 0)
        .max(Comparator.comparingLong(position -> position.lag() == null ? 0 : position.lag()))
        .map(position -> position.id().toString())
        .orElse("-");
  }
}
