package io.hermes.examples.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.Topic;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import org.apache.kafka.common.header.Header;
import picocli.CommandLine.Help.Ansi.Style;

/**
 * A line for each record. Columns get wider when they must; on a terminal a line ends at its edge,
 * anywhere else it has the whole event.
 */
final class TableFormat implements RecordFormat {

  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();
  private static final int WIDEST_KEY = 36; // a UUID
  private static final int WIDE = 140; // from here on there is room for dates

  /** Titles; those of numbers are on the right as their numbers are. */
  private static final String[] TITLES = {
    "TOPIC", "  PART", "  OFFSET", "TIME", "KEY", "TYPE", "ENCODING", "   SIZE", "EVENT"
  };

  private final Console console;
  private final boolean headers;
  private final int first;
  private final boolean narrow;
  private final int[] widths = {8, 4, 6, 13, 8, 10, 8, 7, 0};
  private boolean titled;

  /**
   * A table.
   *
   * @param topics shows the topic of each record
   */
  TableFormat(Console console, boolean headers, boolean topics) {
    this.console = console;
    this.headers = headers;
    this.first = topics ? 0 : 1;
    int columns = console.look().columns();
    this.narrow = columns > 0 && columns < WIDE;
  }

  @Override
  public void print(Shown shown) {
    EventRecord<DynamicMessage> record = shown.record();
    String key = Text.of(record.rawKey());
    List<String> cells = new ArrayList<>();
    cells.add(record.topic());
    cells.add(Integer.toString(record.partition()));
    cells.add(Long.toString(record.offset()));
    String time = Text.time(record.timestamp());
    cells.add(narrow ? time.substring(time.indexOf('T') + 1) : time);
    cells.add(console.look().columns() == 0 ? key : Text.cut(key, WIDEST_KEY));
    cells.add(Text.printable(shown.label()));
    cells.add(Text.printable(shown.encoding()));
    cells.add(shown.size());
    cells.add(headers(record) + value(shown));
    for (int i = 0; i < cells.size() - 1; i++) {
      widths[i] = Math.max(widths[i], cells.get(i).length());
    }
    if (!titled) {
      titled = true;
      List<String> titles = new ArrayList<>();
      for (String title : TITLES) {
        titles.add(title.strip());
      }
      console.out().println(console.style(Style.bold, line(titles)));
    }
    String line = line(cells);
    console.out().println(shown.problem() == null ? line : console.style(Style.fg_red, line));
  }

  private String line(List<String> cells) {
    StringJoiner line = new StringJoiner("  ");
    for (int i = first; i < cells.size(); i++) {
      boolean onTheRight = TITLES[i].startsWith(" ");
      line.add(
          onTheRight ? Text.right(cells.get(i), widths[i]) : Text.left(cells.get(i), widths[i]));
    }
    String text = line.toString().stripTrailing();
    int columns = console.look().columns();
    return columns == 0 ? text : Text.cut(text, columns);
  }

  private String headers(EventRecord<DynamicMessage> record) {
    if (!headers) {
      return "";
    }
    StringJoiner all = new StringJoiner(" ", "[", "] ");
    for (Header header : record.headers()) {
      all.add(Text.printable(header.key()) + "=" + Text.of(header.value()));
    }
    return all.toString();
  }

  private static String value(Shown shown) {
    byte[] value = shown.record().rawValue();
    if (shown.problem() != null && value != null) {
      return "not decoded: "
          + Text.printable(shown.problem())
          + " "
          + HexFormat.of().formatHex(value);
    }
    if (shown.event() == null || shown.contract() == null) {
      return "";
    }
    // Key and type have columns of their own.
    JsonObject rest = shown.event().deepCopy();
    Topic<DynamicMessage> contract = shown.contract();
    remove(rest, contract, contract.contract().getKeyField());
    remove(rest, contract, contract.contract().getTypeField());
    return Text.printable(GSON.toJson(rest));
  }

  private static void remove(JsonObject event, Topic<?> contract, String path) {
    FieldDescriptor field = contract.descriptor().findFieldByName(path);
    if (field != null) {
      event.remove(field.getJsonName());
    }
  }
}
