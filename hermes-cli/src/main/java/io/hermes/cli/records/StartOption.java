package io.hermes.cli.records;

import io.hermes.StartAt;
import java.time.Instant;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Parses the value of {@code --from}. A number is a time in milliseconds if it has at least 12
 * digits, which no offset reaches, and otherwise an offset.
 */
public final class StartOption implements ITypeConverter<StartAt> {

  private static final Pattern OFFSET = Pattern.compile("\\d{1,11}");

  @Override
  public StartAt convert(String value) {
    switch (value) {
      case "beginning" -> {
        return StartAt.beginning();
      }
      case "latest" -> {
        return StartAt.latest();
      }
      default -> {}
    }
    Instant time = TimeOption.parse(value);
    if (time == null && OFFSET.matcher(value).matches()) {
      return StartAt.offset(Long.parseLong(value));
    }
    if (time == null) {
      throw new TypeConversionException(
          "'"
              + value
              + "' is not a start position. Use beginning, latest, a time with its zone such as"
              + " 2026-01-31T12:00:00Z, a time in milliseconds since 1970, a time ago such as 90s,"
              + " 10m, 2h or 7d, or an offset.");
    }
    return StartAt.time(time);
  }
}
