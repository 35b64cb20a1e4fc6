package io.hermes.cli.records;

import io.hermes.SettingsException;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.JsonOption;
import io.hermes.cli.console.Numbers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How records are shown, and how many: the options of all commands that show records. */
public final class RecordOptions {

  @Option(names = "--limit", paramLabel = "<n>", description = "Stop after this many records.")
  private @Nullable Long limit;

  @Option(
      names = "--format",
      paramLabel = "<format>",
      defaultValue = "pretty",
      description =
          "pretty (the default), table (one line per record), json (one object per line, for"
              + " jq), or raw (the bytes of the values, without separators).")
  private RecordFormat.Name format = RecordFormat.Name.pretty;

  @Mixin private final JsonOption json = new JsonOption();

  @Option(names = "--headers", description = "Show the records' headers.")
  private boolean headers;

  @Option(
      names = "--reveal",
      description =
          "Show fields with debug_redact in their schema, and the bytes of values that"
              + " cannot be decoded. Default: hidden.")
  private boolean reveal;

  public void check(Console console) {
    Numbers.require(limit == null || limit >= 1, "--limit", "1 or more", limit);
    if (format() == RecordFormat.Name.raw && console.look().columns() > 0) {
      throw new SettingsException(
          "--format raw writes binary data, which a terminal cannot show.",
          "Add | xxd, or >" + " file.",
          null);
    }
  }

  public RecordFormat.Name format() {
    return json.isJson(format, RecordFormat.Name.pretty) ? RecordFormat.Name.json : format;
  }

  public RecordFormat on(Console console, boolean manyTopics) {
    return format().on(console, headers, manyTopics);
  }

  public boolean reveal() {
    return reveal;
  }

  /** The maximum number of records to show. */
  public long limit() {
    return limit == null ? Long.MAX_VALUE : limit;
  }
}
