package io.hermes.cli.dlt;

import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.cli.console.Columns;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Text;
import io.hermes.cli.records.DeadLetter;
import io.hermes.cli.records.RecordFormat;
import io.hermes.cli.records.Shown;
import io.hermes.cli.records.TableFormat;
import java.util.List;
import picocli.CommandLine.Help.Ansi.Style;

/**
 * A line for each dead-letter record; on a terminal it is cut at the edge, elsewhere it is
 * complete.
 */
final class DeadLetterTable implements RecordFormat {

  private static final String[] TITLES = {
    " PART", " OFFSET", "DIED", "KEY", "TYPE", "GROUP", "EXCEPTION", " ATTEMPTS", "WAS", "EVENT"
  };
  private static final int[] WIDTHS = {4, 6, 13, 8, 10, 8, 12, 8, 16, 0};

  private final Console console;
  private final Columns columns;

  DeadLetterTable(Console console) {
    this.console = console;
    this.columns = new Columns(console, TITLES, WIDTHS);
  }

  @Override
  public void print(Shown shown) {
    EventRecord<DynamicMessage> record = shown.record();
    DeadLetter letter = DeadLetter.ofAny(record.headers());
    columns.print(
        shown.problem() == null ? null : Style.fg_red,
        List.of(
            Integer.toString(record.partition()),
            Long.toString(record.offset()),
            Columns.time(console, Text.time(record.timestamp())),
            Columns.key(console, shown.key()),
            Text.printable(shown.label()),
            letter.group() == null ? "-" : Text.printable(letter.group()),
            letter.exceptionName(),
            letter.attempts() == null ? "-" : letter.attempts().toString(),
            letter.position(),
            TableFormat.value(shown)));
  }
}
