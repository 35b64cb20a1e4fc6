package io.hermes.subscribe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Runs random sequences of operations against something and its model. A sequence that fails is cut
 * down to what still fails, and thrown with its seed.
 */
final class RandomOps {

  /** An operation: what to do, and two numbers that say with what. Any numbers will do. */
  record Op(int kind, int a, int b) {
    @Override
    public String toString() {
      return "{" + kind + "," + a + "," + b + "}";
    }
  }

  /** Carries out a whole sequence from the start; throws if a property does not hold. */
  @FunctionalInterface
  interface Subject {
    void run(List<Op> ops) throws Exception;
  }

  private RandomOps() {}

  /** Sequences from one seed after the other; {@code -Dhermes.test.seed} repeats a single one. */
  static void check(int sequences, int length, int kinds, Subject subject) {
    Long only = Long.getLong("hermes.test.seed");
    long first = only == null ? System.nanoTime() : only;
    for (int i = 0; i < (only == null ? sequences : 1); i++) {
      long seed = first + i;
      List<Op> ops = random(seed, length, kinds);
      Throwable failure = failure(subject, ops);
      if (failure != null) {
        List<Op> least = cutDown(subject, ops);
        Throwable why = failure(subject, least);
        throw new AssertionError(
            "Seed " + seed + " fails, cut down to " + least.size() + " operations: " + least,
            why == null ? failure : why);
      }
    }
  }

  private static List<Op> random(long seed, int length, int kinds) {
    Random random = new Random(seed);
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      ops.add(new Op(random.nextInt(kinds), random.nextInt(1000), random.nextInt(1000)));
    }
    return ops;
  }

  private static List<Op> cutDown(Subject subject, List<Op> failing) {
    List<Op> least = failing;
    for (int chunk = Math.max(1, least.size() / 2); chunk >= 1; chunk /= 2) {
      for (int from = 0; from < least.size(); ) {
        List<Op> without = new ArrayList<>(least.subList(0, from));
        without.addAll(least.subList(Math.min(from + chunk, least.size()), least.size()));
        if (failure(subject, without) != null) {
          least = without;
        } else {
          from += chunk;
        }
      }
    }
    return least;
  }

  @SuppressWarnings("CatchAndPrintStackTrace")
  private static @Nullable Throwable failure(Subject subject, List<Op> ops) {
    try {
      subject.run(ops);
      return null;
    } catch (Exception | AssertionError e) {
      return e;
    }
  }

  /** For a test of a sequence that once failed. */
  static List<Op> of(int... numbers) {
    List<Op> ops = new ArrayList<>();
    for (int i = 0; i + 2 < numbers.length; i += 3) {
      ops.add(new Op(numbers[i], numbers[i + 1], numbers[i + 2]));
    }
    if (numbers.length % 3 != 0) {
      throw new IllegalArgumentException("Not in threes: " + Arrays.toString(numbers));
    }
    return ops;
  }
}
