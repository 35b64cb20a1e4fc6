package io.hermes.cli.groups;

import io.hermes.StartAt;
import io.hermes.cli.records.StartOption;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the value of {@code --to}: as {@code --from} has it, but for {@code end}. */
public final class TargetOption implements ITypeConverter<StartAt> {

  @Override
  public StartAt convert(String value) {
    if (value.equals("end")) {
      return StartAt.latest();
    }
    if (value.equals("latest")) {
      throw new TypeConversionException("'latest' is not a place to resume: give end.");
    }
    try {
      return new StartOption().convert(value);
    } catch (TypeConversionException e) {
      throw new TypeConversionException(
          "'"
              + value
              + "' is not a place to resume: give beginning, end, a time with its zone such as"
              + " 2026-01-31T12:00:00Z, a time in milliseconds since 1970, a time ago such as 90s,"
              + " 10m, 2h or 7d, or an offset.");
    }
  }
}
