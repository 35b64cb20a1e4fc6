package io.hermes.codec;

import io.hermes.SettingsException;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How values are compressed, and how large an event may be. Immutable.
 *
 * <pre>{@code
 * ZstdOptions options = ZstdOptions.builder().dictionaries(ZstdDictionary.load(path)).build();
 * }</pre>
 */
public final class ZstdOptions {

  /**
   * Compared with plain values in Kafka's batches of level 1, higher levels take more time and
   * hardly fewer bytes.
   */
  static final int PLAIN_LEVEL = 1;

  /** With a dictionary, a small event gets 5% smaller than at level 1. */
  static final int DICTIONARY_LEVEL = 3;

  static final int MAX_LEVEL = 19;
  static final int DEFAULT_MAX_EVENT_BYTES = 16 << 20;

  private static final ZstdOptions DEFAULTS = builder().build();

  private final int level;
  private final int maxEventBytes;
  private final SortedMap<Integer, ZstdDictionary> dictionaries;

  private ZstdOptions(Builder builder) {
    this.level =
        builder.level != 0
            ? builder.level
            : builder.dictionaries.isEmpty() ? PLAIN_LEVEL : DICTIONARY_LEVEL;
    this.maxEventBytes = builder.maxEventBytes;
    this.dictionaries = Collections.unmodifiableSortedMap(new TreeMap<>(builder.dictionaries));
  }

  /** Level 1, events up to 16 MiB, no dictionary. */
  public static ZstdOptions defaults() {
    return DEFAULTS;
  }

  /** A new builder that starts from the {@link #defaults()}. */
  public static Builder builder() {
    return new Builder();
  }

  /** The compression level. */
  public int level() {
    return level;
  }

  /** The maximum event size in bytes, uncompressed. Larger events are neither written nor read. */
  public int maxEventBytes() {
    return maxEventBytes;
  }

  /** The dictionaries for reading. */
  public Collection<ZstdDictionary> dictionaries() {
    return dictionaries.values();
  }

  /** The dictionary for writing: the newest, which is the one with the highest id. */
  @Nullable ZstdDictionary newestDictionary() {
    return dictionaries.isEmpty() ? null : dictionaries.get(dictionaries.lastKey());
  }

  /** Level, limit and dictionaries. */
  @Override
  public String toString() {
    return "ZstdOptions[level="
        + level
        + ", maxEventBytes="
        + maxEventBytes
        + ", dictionaries="
        + dictionaries.keySet()
        + "]";
  }

  /** Builds {@link ZstdOptions}. Not thread-safe. */
  public static final class Builder {

    private int level; // 0: depends on whether there is a dictionary
    private int maxEventBytes = DEFAULT_MAX_EVENT_BYTES;
    private final SortedMap<Integer, ZstdDictionary> dictionaries = new TreeMap<>();

    private Builder() {}

    /**
     * The compression level, 1 (fastest) to 19 (smallest). Default: 1, or 3 with a dictionary.
     *
     * @throws SettingsException if it is out of range
     */
    public Builder level(int level) {
      if (level < 1 || level > MAX_LEVEL) {
        throw new SettingsException(
            "The ZSTD level is " + level + "; it must be 1 to " + MAX_LEVEL + ".", null);
      }
      this.level = level;
      return this;
    }

    /**
     * The maximum event size in bytes, uncompressed. Publishers and readers of a topic should have
     * the same limit. Default: 16 MiB.
     *
     * @throws SettingsException if it is not positive
     */
    public Builder maxEventBytes(int maxEventBytes) {
      if (maxEventBytes < 1) {
        throw new SettingsException(
            "maxEventBytes is " + maxEventBytes + "; it must be 1 or more.", null);
      }
      this.maxEventBytes = maxEventBytes;
      return this;
    }

    /**
     * Adds dictionaries. The newest, which has the highest id, is used for writing; all of them for
     * reading.
     *
     * @throws SettingsException if two different dictionaries have the same id
     */
    public Builder dictionaries(Collection<ZstdDictionary> dictionaries) {
      for (ZstdDictionary dictionary : dictionaries) {
        ZstdDictionary known = this.dictionaries.put(dictionary.id(), dictionary);
        if (known != null && !known.hasSameBytes(dictionary)) {
          throw new SettingsException(
              "Two different ZSTD dictionaries have id "
                  + dictionary.id()
                  + ", so readers could not tell which one a frame needs.",
              "Give one of them another id.",
              null);
        }
      }
      return this;
    }

    /** The options. */
    public ZstdOptions build() {
      return new ZstdOptions(this);
    }
  }
}
