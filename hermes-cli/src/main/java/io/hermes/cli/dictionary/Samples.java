package io.hermes.cli.dictionary;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A uniform random sample of the values that are offered, reproducible for the same values. Bounded
 * in number and bytes. Not thread-safe.
 */
final class Samples {

  private static final long MAX_BYTES = 64L << 20;

  private final int most;
  private final Random random = new Random(1);
  private final List<byte[]> chosen = new ArrayList<>();
  private long offered;
  private long bytes;

  /** Chooses at most this many. */
  Samples(int most) {
    this.most = most;
  }

  void offer(byte[] value) {
    offered++;
    if (chosen.size() < most && bytes + value.length <= MAX_BYTES) {
      chosen.add(value);
      bytes += value.length;
      return;
    }
    long place = (long) (random.nextDouble() * offered);
    if (place < chosen.size() && bytes + value.length <= 2 * MAX_BYTES) {
      byte[] before = chosen.set((int) place, value);
      bytes += value.length - before.length;
    }
  }

  int count() {
    return chosen.size();
  }

  /** The samples for training, and those held out for measuring. */
  record Split(List<byte[]> training, List<byte[]> heldOut) {}

  /**
   * Splits them at random.
   *
   * @param heldOutPercent how many are held out: above 0, below 100
   */
  Split split(int heldOutPercent) {
    List<byte[]> shuffled = new ArrayList<>(chosen);
    Collections.shuffle(shuffled, random);
    int heldOut = (int) Math.ceil(shuffled.size() * heldOutPercent / 100.0);
    return new Split(shuffled.subList(heldOut, shuffled.size()), shuffled.subList(0, heldOut));
  }
}
