package io.hermes.cli.records;

import io.hermes.codec.ZstdDictionary;
import io.hermes.codec.ZstdOptions;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of all commands that decode values. */
public final class DictionaryOptions {

  @Option(
      names = "--dictionaries",
      paramLabel = "<path>",
      description =
          "A folder of ZSTD dictionaries, or a single one, to read values that were written"
              + " with a dictionary.")
  private @Nullable Path path;

  public List<ZstdDictionary> dictionaries() {
    return path == null ? List.of() : ZstdDictionary.load(path);
  }

  public ZstdOptions zstd() {
    return ZstdOptions.builder().dictionaries(dictionaries()).build();
  }
}
