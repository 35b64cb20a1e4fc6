package io.hermes.cli.records;

import io.hermes.SettingsException;
import io.hermes.cli.console.Console;
import io.hermes.cli.console.JsonOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How records are shown, and how many: what all commands have that show records. */
public final class RecordOptions {

  @Option(names = "--limit", paramLabel = "<n>", description = "End after so many.")
  private @Nullable Long limit;

  @Option(
      names = "--format",
      paramLabel = "<format>",
      defaultValue = "pretty",
      description =
          "pretty (the default), table (a line each), json (an object on a line each, for jq), or"
              + " raw (the bytes of the values, nothing between them).")
  private RecordFormat.Name format = RecordFormat.Name.pretty;

  @Mixin private final JsonOption json = new JsonOption();

  @Option(names = "--headers", description = "Show the records' headers.")
  private boolean headers;

  @Option(
      names = "--reveal",
      description =
          "Show the fields that their schema marks debug_redact, and the bytes of values that"
              + " cannot be decoded. Default: hidden.")
  private boolean reveal;

  public void check(Console console) {
    if (limit != null && limit < 1) {
      throw new SettingsException("--limit is 1 or more, not " + limit + ".", null);
    }
    if (format() == RecordFormat.Name.raw && console.look().columns() > 0) {
      throw new SettingsException(
          "--format raw writes bytes, which are not for a terminal: add | xxd, or > file.", null);
    }
  }

  public RecordFormat.Name format() {
    return json.isSet() ? RecordFormat.Name.json : format;
  }

  public RecordFormat on(Console console, boolean manyTopics) {
    return format().on(console, headers, manyTopics);
  }

  public boolean reveal() {
    return reveal;
  }

  /** How many to show at most. */
  public long limit() {
    return limit == null ? Long.MAX_VALUE : limit;
  }
}
