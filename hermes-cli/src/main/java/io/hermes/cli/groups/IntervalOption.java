package io.hermes.cli.groups;

import java.time.Duration;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the value of {@code --interval}: seconds. */
public final class IntervalOption implements ITypeConverter<Duration> {

  private static final Pattern SECONDS = Pattern.compile("\\d{1,5}(\\.\\d{1,3})?");
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofDays(1);

  @Override
  public Duration convert(String value) {
    Duration interval =
        SECONDS.matcher(value).matches()
            ? Duration.ofMillis(Math.round(Double.parseDouble(value) * 1e3))
            : Duration.ZERO;
    if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
      throw new TypeConversionException(
          "'" + value + "' is not an interval. Use seconds, 0.1 to 86400, such as 2 or 0.5.");
    }
    return interval;
  }
}
