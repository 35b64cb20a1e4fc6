package io.hermes.jdbc;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Which lock, which shard and which order a key has: 64 bits of FNV-1a. Stateless. */
final class KeyHash {

  /** How many relays can work side by side; as many as the table of shards has rows. */
  static final int SHARDS = 8;

  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  private KeyHash() {}

  /** The hash of a key of a topic; null without a key, since such events have no order. */
  static @Nullable Long of(String topic, byte @Nullable [] key) {
    return key == null ? null : add(add(add(OFFSET, "hermes"), topic), key);
  }

  private static long add(long hash, String text) {
    return add(hash, text.getBytes(StandardCharsets.UTF_8)) * PRIME; // a zero byte ends it
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
