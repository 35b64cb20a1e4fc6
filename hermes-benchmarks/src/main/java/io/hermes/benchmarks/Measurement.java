package io.hermes.benchmarks;

import java.util.Locale;

/**
 * The measurement of one contestant in one turn.
 *
 * @param perSecond events acknowledged, or handled, per second
 * @param cpuMicros CPU time of the whole JVM per event, in microseconds
 * @param allocatedBytes bytes allocated by all threads per event
 * @param p50Micros the median latency from publish to acknowledgement, or to handler, in
 *     microseconds
 * @param p99Micros the 99th percentile of that latency
 * @param storedBytes bytes that the broker stores per event
 */
record Measurement(
    double perSecond,
    double cpuMicros,
    double allocatedBytes,
    double p50Micros,
    double p99Micros,
    double storedBytes) {

  private static final String MARK = "MEASURED ";

  /** The same measurement with the bytes that the broker stores. */
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
