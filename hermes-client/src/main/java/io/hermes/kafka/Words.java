package io.hermes.kafka;

import java.time.Duration;
import java.util.Locale;

/** Formats durations and counts for messages and log lines. Stateless. */
public final class Words {

  private Words() {}

  /**
   * A duration with units, rounded: {@code 100 ms}, {@code 65.5 s}, {@code 2 min}, {@code 2 h 5
   * min}, {@code 3 d 3 h}.
   */
  public static String duration(Duration duration) {
    if (duration.isNegative()) {
      return "-" + duration(duration.negated());
    }
    long seconds = duration.toSeconds();
    if (seconds < 1) {
      return duration.toMillis() + " ms";
    }
    if (seconds < 120) {
      String exact = String.format(Locale.ROOT, "%.1f", duration.toMillis() / 1e3);
      return (exact.endsWith(".0") ? exact.substring(0, exact.length() - 2) : exact) + " s";
    }
    if (duration.toHours() < 2) {
      return both(seconds / 60, " min", seconds % 60, " s");
    }
    return duration.toHours() < 48
        ? both(duration.toHours(), " h", duration.toMinutesPart(), " min")
        : both(duration.toDays(), " d", duration.toHoursPart(), " h");
  }

  private static String both(long large, String unit, long small, String smallerUnit) {
    return large + unit + (small == 0 ? "" : " " + small + smallerUnit);
  }

  /** {@code 1 event}, {@code 2 events}. */
  public static String count(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }
}
