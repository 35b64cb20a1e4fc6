package io.hermes.cli.records;

import io.hermes.codec.ZstdDictionary;
import io.hermes.codec.ZstdOptions;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What all commands have that decode values. */
public final class DictionaryOptions {

  @Option(
      names = "--dictionaries",
      paramLabel = "<path>",
      description =
          "Folder of ZSTD dictionaries, or one of them, for values that were written with one.")
  private @Nullable Path path;

  public List<ZstdDictionary> dictionaries() {
    return path == null ? List.of() : ZstdDictionary.load(path);
  }

  public ZstdOptions zstd() {
    return ZstdOptions.builder().dictionaries(dictionaries()).build();
  }
}
