package io.hermes.cli.dictionary;

import io.hermes.SettingsException;
import io.hermes.codec.ZstdDictionary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The file and the id of a new dictionary. Immutable. */
final class DictionaryFile {

  /** Seconds since then fit the range of ids until 2088. */
  private static final Instant FIRST = Instant.parse("2020-01-01T00:00:00Z");

  private final Path path;
  private final int id;
  private final boolean newest;

  private DictionaryFile(Path path, int id, boolean newest) {
    this.path = path;
    this.id = id;
    this.newest = newest;
  }

  /**
   * A writable file in a folder from which the library can load it.
   *
   * @param wanted the id; null for one that is higher than all known ids
   * @param known dictionaries in use elsewhere
   * @throws SettingsException if the file exists, the id is taken, or the folder contains other
   *     files
   */
  static DictionaryFile in(
      Path folder,
      String name,
      @Nullable Integer wanted,
      List<ZstdDictionary> known,
      boolean force) {
    List<Path> present = visible(folder);
    List<ZstdDictionary> all = new ArrayList<>(known);
    present.forEach(file -> all.addAll(load(folder, file)));
    int highest = all.stream().mapToInt(ZstdDictionary::id).max().orElse(0);
    int now = (int) (Instant.now().getEpochSecond() - FIRST.getEpochSecond());
    int id = wanted == null ? Math.max(now, highest + 1) : wanted;
    Path path = folder.resolve(name + "-" + id + ".zdict");
    if (Files.exists(path)) {
      if (!force) {
        throw new SettingsException(
            path + " already exists.", "Choose another --id, or use --force to replace it.", null);
      }
    } else if (all.stream().anyMatch(dictionary -> dictionary.id() == id)) {
      throw new SettingsException(
          "Another dictionary has id " + id + ", so frames would be ambiguous.",
          "Choose another --id.",
          null);
    }
    return new DictionaryFile(path, id, id >= highest);
  }

  private static List<Path> visible(Path folder) {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> !Objects.toString(f.getFileName()).startsWith(".") && !Files.isDirectory(f))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new SettingsException(
          "--out " + folder + " is not a readable folder (" + e + ").", "Choose another one.", e);
    }
  }

  private static List<ZstdDictionary> load(Path folder, Path file) {
    try {
      return ZstdDictionary.load(file);
    } catch (SettingsException e) {
      throw new SettingsException(
          "--out "
              + folder
              + " also contains other files, such as "
              + file.getFileName()
              + ", and so could not be loaded as a folder of dictionaries.",
          "Choose another one.",
          e);
    }
  }

  /** Writes it atomically. */
  void write(byte[] bytes) {
    Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent());
    try {
      Files.createDirectories(folder);
      Path part = Files.createTempFile(folder, ".dictionary", ".part");
      try {
        Files.write(part, bytes);
        part.toFile().setReadable(true, false); // only the owner may read a temporary file
        Files.move(part, path, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new SettingsException(
          "--out " + folder + " cannot be written (" + e + ").", "Choose another one.", e);
    }
  }

  Path path() {
    return path;
  }

  int id() {
    return id;
  }

  /** Whether it is the dictionary used for writing. */
  boolean isNewest() {
    return newest;
  }
}
