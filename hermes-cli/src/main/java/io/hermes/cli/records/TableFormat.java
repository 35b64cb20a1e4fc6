package io.hermes.cli.records;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.Topic;
import io.hermes.cli.console.Columns;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Text;
import io.hermes.contract.json.EventJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import org.apache.kafka.common.header.Header;
import picocli.CommandLine.Help.Ansi.Style;

/** A line for each record; on a terminal it is cut at the edge, elsewhere it is complete. */
public final class TableFormat implements RecordFormat {

  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();
  private static final String[] TITLES = {
    "TOPIC", " PART", " OFFSET", "TIME", "KEY", "TYPE", "ENCODING", " SIZE", "EVENT"
  };
  private static final int[] WIDTHS = {8, 4, 6, 13, 8, 10, 8, 7, 0};

  private final Console console;
  private final boolean headers;
  private final boolean topics;
  private final Columns columns;

  /**
   * A table.
   *
   * @param topics shows the topic of each record
   */
  TableFormat(Console console, boolean headers, boolean topics) {
    this.console = console;
    this.headers = headers;
    this.topics = topics;
    int first = topics ? 0 : 1;
    this.columns =
        new Columns(
            console,
            Arrays.copyOfRange(TITLES, first, TITLES.length),
            Arrays.copyOfRange(WIDTHS, first, WIDTHS.length));
  }

  @Override
  public void print(Shown shown) {
    EventRecord<DynamicMessage> record = shown.record();
    List<String> cells = new ArrayList<>();
    if (topics) {
      cells.add(record.topic());
    }
    cells.add(Integer.toString(record.partition()));
    cells.add(Long.toString(record.offset()));
    cells.add(Columns.time(console, Text.time(record.timestamp())));
    cells.add(Columns.key(console, shown.key()));
    cells.add(Text.printable(shown.label()));
    cells.add(Text.printable(shown.encoding()));
    cells.add(shown.size());
    cells.add(headers(record) + value(shown));
    columns.print(shown.problem() == null ? null : Style.fg_red, cells);
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

  /** The event without its key and type, which have their own columns; or its bytes. */
  public static String value(Shown shown) {
    if (shown.problem() != null) {
      byte[] value = shown.undecoded();
      return "not decoded: "
          + Text.printable(shown.problem())
          + " "
          + (value == null ? EventJson.REDACTED : HexFormat.of().formatHex(value));
    }
    if (shown.event() == null || shown.contract() == null) {
      return "";
    }
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
