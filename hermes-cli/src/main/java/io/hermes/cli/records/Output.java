package io.hermes.cli.records;

import com.google.protobuf.DynamicMessage;
import io.hermes.EventRecord;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.Units;
import io.hermes.cli.contracts.Contracts;
import io.hermes.contract.json.EventJson;
import org.jspecify.annotations.Nullable;

/** Shows the requested records, and counts them. Safe for any thread. */
public final class Output {

  private static final int RECORDS_BETWEEN_CHECKS = 100;

  private final Console console;
  private final Contracts contracts;
  private final EventJson json;
  private final RecordFormat format;
  private final Filter filter;

  private long read; // these are guarded by this
  private long shown;
  private long undecodable;
  private long valueBytes;

  /**
   * Which records are shown.
   *
   * @param key those with this key; null for all
   * @param type those of this event type; null for all
   * @param limit the maximum number
   */
  public record Filter(@Nullable String key, @Nullable String type, long limit) {

    static final Filter ALL = new Filter(null, null, Long.MAX_VALUE);

    private boolean takesKey(EventRecord<?> record) {
      return key == null || key.equals(record.key());
    }

    private boolean takesType(Shown record) {
      return type == null || type.equals(record.label());
    }
  }

  public Output(
      Console console, Contracts contracts, EventJson json, RecordFormat format, Filter filter) {
    this.console = console;
    this.contracts = contracts;
    this.json = json;
    this.format = format;
    this.filter = filter;
  }

  /**
   * Shows a record if it matches the filter.
   *
   * @return whether more records may be shown
   */
  public synchronized boolean accept(EventRecord<DynamicMessage> record) {
    read++;
    if (filter.takesKey(record)) {
      Shown details = Shown.of(record, contracts, json);
      if (filter.takesType(details)) {
        format.print(details);
        shown++;
        valueBytes += Shown.valueBytes(record);
        undecodable += details.problem() == null ? 0 : 1;
      }
    }
    boolean over = shown >= filter.limit;
    return !over && (read % RECORDS_BETWEEN_CHECKS != 0 || !console.outputEnded());
  }

  synchronized long shown() {
    return shown;
  }

  /** Reports how much was shown, unless writing failed, which is then reported instead. */
  public void printSummary() {
    if (console.outputProblem() == null) {
      console.err().println(summary());
    }
  }

  private synchronized String summary() {
    String what = Units.count(shown, "record") + ", " + Units.bytes(valueBytes);
    return what
        + (read == shown ? "" : ", of " + Units.count(read) + " read")
        + (undecodable == 0 ? "" : ", " + Units.count(undecodable) + " not decoded")
        + ".";
  }
}
