package io.hermes.jdbc;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The 64-bit FNV-1a hash that determines a key's lock, shard and order. Stateless. */
final class KeyHash {

  /** How many relays can publish in parallel; the table of shards has this many rows. */
  static final int SHARDS = 8;

  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private KeyHash() {}

  /** Returns the hash of a topic's key; null without a key, since such events have no order. */
  static @Nullable Long of(String topic, byte @Nullable [] key) {
    return key == null ? null : add(add(add(OFFSET, "hermes"), topic), key);
  }

  private static long add(long hash, String text) {
    return add(hash, text.getBytes(StandardCharsets.UTF_8)) * PRIME; // a zero byte separates parts
  }

  private static long add(long hash, byte[] bytes) {
    long result = hash;
    for (byte one : bytes) {
      result = (result ^ (one & 0xff)) * PRIME;
    }
    return result;
  }

  static int shard(@Nullable Long hash) {
    return hash == null
        ? ThreadLocalRandom.current().nextInt(SHARDS)
        : Math.floorMod((int) (hash ^ (hash >>> 32)), SHARDS);
  }
}
