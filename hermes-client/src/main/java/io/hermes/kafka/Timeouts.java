package io.hermes.kafka;

import java.time.Duration;
import java.util.Map;

/** Reads durations from users, which may be longer than a nanosecond clock can count. Stateless. */
public final class Timeouts {

  /** 73 years, so that the sum of two still fits. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

  private Timeouts() {}

  /** A number among the properties; 0 for what is none, which Kafka reports by its name. */
  public static long number(Map<String, Object> properties, String name) {
    try {
      return Long.parseLong(String.valueOf(properties.get(name)));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Whether a property is set to a number below a limit; what is no number, Kafka reports. */
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
   * @param duration any; null is not allowed
   * @return 0 to 73 years
   */
  public static long nanos(Duration duration) {
    if (duration.isNegative()) {
      return 0;
    }
    return (duration.compareTo(LONGEST) < 0 ? duration : LONGEST).toNanos();
  }
}
