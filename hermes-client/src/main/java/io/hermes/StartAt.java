package io.hermes;

import java.time.Instant;
import java.util.Objects;

/** Where reading starts in each partition. Immutable. */
public sealed interface StartAt {

  /** At the oldest record. */
  static StartAt beginning() {
    return new Beginning();
  }

  /** After the newest record: only records written from now on. */
  static StartAt latest() {
    return new Latest();
  }

  /**
   * At the first record with this timestamp or a later one; after the newest record if no such
   * record exists.
   */
  static StartAt time(Instant time) {
    return new Time(time);
  }

  /**
   * At this offset in every partition, or at the nearest one that exists.
   *
   * @param offset 0 or more
   */
  static StartAt offset(long offset) {
    return new Offset(offset);
  }

  /**
   * This many offsets before the end of each partition; that is fewer records if compaction or
   * transactions left gaps.
   *
   * @param records 1 or more
   */
  static StartAt last(long records) {
    return new Last(records);
  }

  /** See {@link #beginning()}. */
  record Beginning() implements StartAt {
    @Override
    public String toString() {
      return "the beginning";
    }
  }

  /** See {@link #latest()}. */
  record Latest() implements StartAt {
    @Override
    public String toString() {
      return "the end";
    }
  }

  /** See {@link #time(Instant)}. */
  record Time(Instant time) implements StartAt {
    /** Checks that the time is present. */
    public Time {
      Objects.requireNonNull(time, "time");
    }

    @Override
    public String toString() {
      return "time " + time;
    }
  }

  /** See {@link #offset(long)}. */
  record Offset(long offset) implements StartAt {
    /** Checks that the offset is not negative. */
    public Offset {
      if (offset < 0) {
        throw new SettingsException("The offset must be 0 or more, not " + offset + ".", null);
      }
    }

    @Override
    public String toString() {
      return "offset " + offset;
    }
  }

  /** See {@link #last(long)}. */
  record Last(long records) implements StartAt {
    /** Checks that the count is positive. */
    public Last {
      if (records < 1) {
        throw new SettingsException(
            "The number of last records must be 1 or more, not" + " " + records + ".", null);
      }
    }

    @Override
    public String toString() {
      return "the last " + records + " records";
    }
  }
}
