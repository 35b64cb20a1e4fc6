package io.hermes.benchmarks;

import java.util.Locale;

/**
 * What one contestant needed in one round.
 *
 * @param perSecond events acknowledged, or handled, in a second
 * @param cpuMicros CPU time of the whole JVM for an event, in microseconds
 * @param allocatedBytes allocated by all threads for an event
 * @param p50Micros median time from publish to acknowledgement, or to handler, in microseconds
 * @param p99Micros 99th percentile of it
 * @param storedBytes what the broker keeps for an event
 */
record Measurement(
    double perSecond,
    double cpuMicros,
    double allocatedBytes,
    double p50Micros,
    double p99Micros,
    double storedBytes) {

  private static final String MARK = "MEASURED ";

  /** The same with what the broker keeps. */
  Measurement stored(double bytes) {
    return new Measurement(perSecond, cpuMicros, allocatedBytes, p50Micros, p99Micros, bytes);
  }

  String toLine() {
    return String.format(
        Locale.ROOT,
        MARK + "%f %f %f %f %f %f",
        perSecond,
        cpuMicros,
        allocatedBytes,
        p50Micros,
        p99Micros,
        storedBytes);
  }

  static boolean isLine(String line) {
    return line.startsWith(MARK);
  }

  static Measurement parse(String line) {
    String[] parts = line.substring(MARK.length()).split(" ", -1);
    double[] figures = new double[parts.length];
    for (int i = 0; i < parts.length; i++) {
      figures[i] = Double.parseDouble(parts[i]);
    }
    return new Measurement(figures[0], figures[1], figures[2], figures[3], figures[4], figures[5]);
  }
}
