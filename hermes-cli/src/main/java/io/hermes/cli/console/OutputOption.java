package io.hermes.cli.console;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Text for people or JSON for scripts: the option of all commands whose results a script may read.
 */
public final class OutputOption {

  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private enum Format {
    text,
    json
  }

  @Option(
      names = "--format",
      paramLabel = "<format>",
      defaultValue = "text",
      description = "text (the default), or json: one object per line.")
  private Format format = Format.text;

  @Mixin private final JsonOption json = new JsonOption();

  public boolean isJson() {
    return json.isJson(format, Format.text);
  }

  /** Writes an object on one line, including nulls. */
  public static void print(Console console, JsonObject object) {
    console.out().println(GSON.toJson(object));
  }
}
