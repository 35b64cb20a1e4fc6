package io.hermes.kafkaui;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDictDecompress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ZSTD dictionaries of a directory, by id. Safe for any thread; the owner closes it after the
 * last use.
 */
final class Dictionaries implements AutoCloseable {

  private static final long MIN_ID = 1 << 15;
  private static final int MAX_BYTES = 10 << 20;

  private final Map<Long, ZstdDictDecompress> byId;

  private Dictionaries(Map<Long, ZstdDictDecompress> byId) {
    this.byId = byId;
  }

  static Dictionaries none() {
    return new Dictionaries(Map.of());
  }

  /**
   * Reads all files of the directory except hidden ones, which a mounted ConfigMap or Secret
   * contains.
   */
  static Dictionaries load(Path dir) {
    Dictionaries dictionaries = new Dictionaries(new TreeMap<>());
    try (Stream<Path> files = Files.list(dir)) {
      for (Path file :
          files.filter(path -> !path.getFileName().toString().startsWith(".")).sorted().toList()) {
        dictionaries.add(file);
      }
    } catch (IOException e) {
      dictionaries.close();
      throw new IllegalArgumentException("dictionariesDir: cannot read " + dir + ": " + e, e);
    } catch (IllegalArgumentException e) {
      dictionaries.close();
      throw e;
    }
    return dictionaries;
  }

  private void add(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IllegalArgumentException(
          "dictionariesDir: %s has %d bytes; a dictionary has at most %d."
              .formatted(file, Files.size(file), MAX_BYTES));
    }
    byte[] bytes = Files.readAllBytes(file);
    long id = Zstd.getDictIdFromDict(bytes);
    if (id < MIN_ID || id > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "dictionariesDir: %s is not a trained ZSTD dictionary: its id is %d, not %d to %d."
              .formatted(file, id, MIN_ID, Integer.MAX_VALUE));
    }
    if (byId.containsKey(id)) {
      throw new IllegalArgumentException(
          "dictionariesDir: %s has id %d, like another dictionary.".formatted(file, id));
    }
    byId.put(id, new ZstdDictDecompress(bytes));
  }

  @Nullable ZstdDictDecompress get(long id) {
    return byId.get(id);
  }

  List<Long> ids() {
    return List.copyOf(byId.keySet());
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Dictionaries%s", byId.keySet());
  }

  @Override
  public void close() {
    byId.values().forEach(ZstdDictDecompress::close);
  }
}
