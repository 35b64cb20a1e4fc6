package io.hermes.cli.groups;

import io.hermes.StartAt;
import io.hermes.cli.records.StartOption;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses the value of {@code --to}: like {@code --from}, except for {@code end}. */
public final class TargetOption implements ITypeConverter<StartAt> {

  @Override
  public StartAt convert(String value) {
    if (value.equals("end")) {
      return StartAt.latest();
    }
    if (value.equals("latest")) {
      throw new TypeConversionException("'latest' is not a position to resume from. Use end.");
    }
    try {
      return new StartOption().convert(value);
    } catch (TypeConversionException e) {
      throw new TypeConversionException(
          "'"
              + value
              + "' is not a position to resume from. Use beginning, end, a time with its"
              + " zone such as"
              + " 2026-01-31T12:00:00Z, a time in milliseconds since 1970, a time ago such as 90s,"
              + " 10m, 2h or 7d, or an offset.");
    }
  }
}
