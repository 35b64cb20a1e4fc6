package io.hermes.cli.records;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Text;
import io.hermes.cli.console.Units;
import io.hermes.contract.json.EventJson;
import java.io.PrintWriter;
import java.util.HexFormat;
import java.util.StringJoiner;
import org.apache.kafka.common.header.Header;
import picocli.CommandLine.Help.Ansi.Style;

/** A paragraph for each record: a line with Kafka's metadata, then the event as indented JSON. */
final class PrettyFormat implements RecordFormat {

  private static final int BYTES_IN_A_ROW = 32;
  private static final int MOST_BYTES = 2_048;
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private final Console console;
  private final PrintWriter out;
  private final boolean headers;

  PrettyFormat(Console console, boolean headers) {
    this.console = console;
    this.out = console.out();
    this.headers = headers;
  }

  @Override
  public void print(Shown shown) {
    EventRecord<DynamicMessage> record = shown.record();
    StringJoiner facts = new StringJoiner("  ");
    facts.add(
        console.style(
            Style.bold, record.topic() + "-" + record.partition() + "@" + record.offset()));
    facts.add(console.style(Style.faint, Text.time(record.timestamp())));
    facts.add("key " + Text.of(shown.key()));
    facts.add(console.style(Style.fg_cyan, Text.printable(shown.label())));
    if (!record.isTombstone()) {
      facts.add(Text.printable(shown.encoding()));
    }
    facts.add(shown.size());
    out.println(facts);
    DeadLetter letter = DeadLetter.of(record.headers());
    if (letter != null) {
      out.println("  " + letter.story());
      out.println("  " + console.style(Style.fg_yellow, letter.failure()));
    }
    if (headers) {
      for (Header header : record.headers()) {
        out.println(
            "  "
                + console.style(
                    Style.faint, Text.printable(header.key()) + ": " + Text.of(header.value())));
      }
    }
    printValue(shown);
    out.println();
  }

  private void printValue(Shown shown) {
    if (shown.event() != null) {
      out.println(Text.printableLines(GSON.toJson(shown.event())));
      int unknown = shown.unknownBytes();
      if (unknown > 0) {
        String text = "and " + Units.bytes(unknown) + " in fields that are not in this schema";
        out.println(console.style(Style.fg_yellow, text));
      }
    } else if (shown.problem() != null) {
      out.println(console.style(Style.fg_red, "not decoded: " + Text.printable(shown.problem())));
      byte[] value = shown.undecoded();
      if (value == null) {
        out.println("  " + EventJson.REDACTED + ": --reveal shows the bytes");
      } else {
        printHex(value);
      }
    }
  }

  private void printHex(byte[] value) {
    HexFormat hex = HexFormat.ofDelimiter(" ");
    int shownBytes = Math.min(value.length, MOST_BYTES);
    for (int i = 0; i < shownBytes; i += BYTES_IN_A_ROW) {
      out.println("  " + hex.formatHex(value, i, Math.min(shownBytes, i + BYTES_IN_A_ROW)));
    }
    if (shownBytes < value.length) {
      out.println(
          "  and " + Units.bytes(value.length - shownBytes) + " more: --format json has all");
    }
  }
}
