package io.hermes.examples.cli;

import io.hermes.SettingsException;

/** Prints records. Used by one thread. */
interface RecordFormat {

  /** Prints one record. */
  void print(Shown shown);

  /** The formats that {@code --format} names. */
  enum Name {
    pretty,
    json,
    table,
    raw;

    /** Refuses bytes on a terminal. */
    void check(Console console) {
      if (this == raw && console.look().columns() > 0) {
        throw new SettingsException(
            "--format raw writes bytes, which are not for a terminal: add | xxd, or > file.", null);
      }
    }

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
