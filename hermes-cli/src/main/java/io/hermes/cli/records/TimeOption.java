package io.hermes.cli.records;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses a time, a time in milliseconds as in events, or how long ago it was. */
public final class TimeOption implements ITypeConverter<Instant> {

  private static final Pattern MILLISECONDS = Pattern.compile("\\d{12,14}"); // 1973 to 5138
  private static final Pattern AGO = Pattern.compile("(\\d{1,9})([smhd])");

  @Override
  public Instant convert(String value) {
    Instant time = parse(value);
    if (time == null) {
      throw new TypeConversionException(
          "'"
              + value
              + "' is not a time. Use a time with its zone such as 2026-01-31T12:00:00Z, in"
              + " milliseconds since 1970, or a time ago such as 90s, 10m, 2h or 7d.");
    }
    return time;
  }

  /** The time; null if the text is not one. */
  static @Nullable Instant parse(String value) {
    Matcher ago = AGO.matcher(value);
    if (ago.matches()) {
      return Instant.now().minus(duration(ago));
    }
    if (MILLISECONDS.matcher(value).matches()) {
      return Instant.ofEpochMilli(Long.parseLong(value));
    }
    try {
      return OffsetDateTime.parse(value).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static Duration duration(Matcher ago) {
    long count = Long.parseLong(ago.group(1));
    return switch (ago.group(2)) {
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }
}
