package io.hermes.cli.console;

import io.hermes.kafka.Words;
import java.time.Duration;
import java.util.Locale;

/** Figures for people, with their units. */
public final class Units {

  private static final String[] BYTES = {"B", "KiB", "MiB", "GiB", "TiB"};

  private Units() {}

  public static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < BYTES.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, BYTES[unit]);
  }

  public static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** "1 event", "2 events". */
  public static String count(long count, String singular) {
    return count(count) + " " + singular + (count == 1 ? "" : "s");
  }

  public static String duration(Duration duration) {
    return Words.duration(duration);
  }

  public static String rate(long count, Duration duration) {
    double seconds = Math.max(1, duration.toMillis()) / 1e3;
    return String.format(Locale.ROOT, "%,.0f/s", count / seconds);
  }

  public static String ratio(long plain, long stored) {
    return stored == 0 ? "-" : String.format(Locale.ROOT, "%.2f", (double) plain / stored);
  }
}
