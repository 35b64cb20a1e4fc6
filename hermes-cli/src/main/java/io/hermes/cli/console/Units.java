package io.hermes.cli.console;

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
    long ms = duration.toMillis();
    if (ms < 1_000) {
      return ms + " ms";
    }
    if (ms < 120_000) {
      return String.format(Locale.ROOT, "%.1f s", ms / 1e3);
    }
    if (ms < 7_200_000) {
      return ms / 60_000 + " min " + ms % 60_000 / 1_000 + " s";
    }
    return duration.toHours() < 48
        ? duration.toHours() + " h " + duration.toMinutesPart() + " min"
        : duration.toDays() + " d " + duration.toHoursPart() + " h";
  }

  public static String rate(long count, Duration duration) {
    double seconds = Math.max(1, duration.toMillis()) / 1e3;
    return String.format(Locale.ROOT, "%,.0f/s", count / seconds);
  }

  public static String ratio(long plain, long stored) {
    return stored == 0 ? "-" : String.format(Locale.ROOT, "%.2f", (double) plain / stored);
  }
}
