package io.hermes.codec;

import io.hermes.UndecodableEventException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Decompresses ZSTD frames, and checks the size of each before it allocates memory. Holds native
 * memory until it is closed: a pool for frames without a dictionary and one for each dictionary.
 * Safe for any thread.
 */
public final class Decompressors implements AutoCloseable {

  private final Map<Integer, ContextPool<Decompressor>> pools = new LinkedHashMap<>();
  private final int maxBytes;

  /**
   * Creates a decompressor of frames without a dictionary, or with one of these.
   *
   * @param options size limit and dictionaries
   */
  public Decompressors(ZstdOptions options) {
    maxBytes = options.maxEventBytes();
    pools.put(0, ContextPool.of(() -> new Decompressor(null)));
    for (ZstdDictionary dictionary : options.dictionaries()) {
      pools.put(dictionary.id(), ContextPool.of(() -> new Decompressor(dictionary)));
    }
  }

  /**
   * Decompresses a frame.
   *
   * @param value exactly one frame; its position does not change
   * @param use converts the content, which is valid only until this function returns
   * @return the function's result
   * @throws UndecodableEventException if the value is corrupt or too large, or its dictionary is
   *     missing
   */
  public <T> T decompress(ByteBuffer value, Function<ByteBuffer, T> use) {
    ZstdFrame frame = ZstdFrame.of(value).within(maxBytes);
    ContextPool<Decompressor> pool = of(frame.dictionaryId());
    Decompressor decompressor = pool.acquire();
    T made;
    try {
      made = use.apply(decompressor.decompress(value, frame, maxBytes));
    } catch (Throwable e) {
      pool.discard(decompressor); // its state is unknown
      throw e;
    }
    pool.release(decompressor);
    return made;
  }

  private ContextPool<Decompressor> of(int dictionaryId) {
    ContextPool<Decompressor> pool = pools.get(dictionaryId);
    if (pool == null) {
      throw new UndecodableEventException(
          "The value needs ZSTD dictionary "
              + Integer.toUnsignedString(dictionaryId)
              + ", but this reader has "
              + (pools.size() == 1
                  ? "no dictionaries"
                  : "only " + pools.keySet().stream().skip(1).toList())
              + ".",
          "Add it to the reader's ZstdOptions.",
          null);
    }
    return pool;
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    pools.values().forEach(ContextPool::close);
  }
}
