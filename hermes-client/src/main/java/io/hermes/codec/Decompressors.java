package io.hermes.codec;

import io.hermes.UndecodableEventException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A pool for frames without a dictionary and one for each dictionary. Safe for any thread. */
final class Decompressors implements AutoCloseable {

  private final Map<Integer, ContextPool<Decompressor>> pools = new LinkedHashMap<>();

  Decompressors(ZstdOptions options) {
    pools.put(0, ContextPool.of(() -> new Decompressor(null)));
    for (ZstdDictionary dictionary : options.dictionaries()) {
      pools.put(dictionary.id(), ContextPool.of(() -> new Decompressor(dictionary)));
    }
  }

  /**
   * The pool for frames with a dictionary.
   *
   * @param dictionaryId 0 for none
   * @throws UndecodableEventException if the dictionary is not known
   */
  ContextPool<Decompressor> of(int dictionaryId) {
    ContextPool<Decompressor> pool = pools.get(dictionaryId);
    if (pool == null) {
      throw new UndecodableEventException(
          "The value needs ZSTD dictionary "
              + Integer.toUnsignedString(dictionaryId)
              + ", but this reader has "
              + (pools.size() == 1
                  ? "no dictionaries"
                  : "only " + pools.keySet().stream().skip(1).toList())
              + ". Add it to the reader's ZstdOptions.",
          null);
    }
    return pool;
  }

  @Override
  public void close() {
    pools.values().forEach(ContextPool::close);
  }
}
