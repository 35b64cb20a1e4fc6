package io.hermes.subscribe;

import java.util.Arrays;

/** Offsets as ascending runs, each with an inclusive first and last offset. Immutable. */
final class OffsetRuns {

  static final OffsetRuns NONE = new OffsetRuns(new long[0]);

  private final long[] bounds; // first, last, first, last, ...

  private OffsetRuns(long[] bounds) {
    this.bounds = bounds;
  }

  int count() {
    return bounds.length / 2;
  }

  boolean isEmpty() {
    return bounds.length == 0;
  }

  long first(int run) {
    return bounds[2 * run];
  }

  long last(int run) {
    return bounds[2 * run + 1];
  }

  boolean contains(long offset) {
    int at = Arrays.binarySearch(bounds, offset);
    return at >= 0 || (-at - 1) % 2 == 1; // between a first and its last
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OffsetRuns runs && Arrays.equals(bounds, runs.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }

  @Override
  public String toString() {
    return "OffsetRuns" + Arrays.toString(bounds);
  }

  /** Builds runs in ascending order. */
  static final class Builder {

    private long[] bounds = new long[16];
    private int size;

    /** Adds an offset; extends the last run if {@code continues}, or if it is adjacent to it. */
    void add(long offset, boolean continues) {
      addRun(offset, offset, continues);
    }

    void addRun(long first, long last, boolean continues) {
      if (size > 0 && (continues || bounds[size - 1] + 1 == first)) {
        bounds[size - 1] = last;
        return;
      }
      if (size == bounds.length) {
        bounds = Arrays.copyOf(bounds, 2 * size);
      }
      bounds[size++] = first;
      bounds[size++] = last;
    }

    OffsetRuns build() {
      return size == 0 ? NONE : new OffsetRuns(Arrays.copyOf(bounds, size));
    }
  }
}
