package io.hermes.cli.records;

import io.hermes.cli.console.Console;

/** Prints records. Used by one thread. */
public interface RecordFormat {

  /** Prints one record. */
  void print(Shown shown);

  /** The formats that {@code --format} names. */
  enum Name {
    pretty,
    json,
    table,
    raw;

    RecordFormat on(Console console, boolean headers, boolean manyTopics) {
      return switch (this) {
        case pretty -> new PrettyFormat(console, headers);
        case json -> new JsonLines(console.out(), headers);
        case table -> new TableFormat(console, headers, manyTopics);
        case raw -> shown -> RecordFormat.writeValue(console, shown);
      };
    }
  }

  private static void writeValue(Console console, Shown shown) {
    byte[] value = shown.record().rawValue();
    if (value != null) {
      console.write(value);
    }
  }
}
