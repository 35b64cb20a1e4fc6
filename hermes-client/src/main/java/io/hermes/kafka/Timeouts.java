package io.hermes.kafka;

import java.time.Duration;
import java.util.Map;

/** Converts user-supplied durations, which may exceed what fits in nanoseconds. Stateless. */
public final class Timeouts {

  /** 73 years, so that the sum of two does not overflow. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

  private Timeouts() {}

  /** A numeric property; 0 if it is not a number, which Kafka's own check reports. */
  public static long number(Map<String, Object> properties, String name) {
    try {
      return Long.parseLong(String.valueOf(properties.get(name)));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Whether a property is a number below a limit; false for text, which Kafka's check reports. */
  public static boolean isBelow(Map<String, Object> properties, String name, long least) {
    try {
      return properties.containsKey(name)
          && Long.parseLong(String.valueOf(properties.get(name))) < least;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /**
   * A duration in nanoseconds.
   *
   * @param duration any duration, not null
   * @return 0 to 73 years
   */
  public static long nanos(Duration duration) {
    if (duration.isNegative()) {
      return 0;
    }
    return (duration.compareTo(LONGEST) < 0 ? duration : LONGEST).toNanos();
  }
}
