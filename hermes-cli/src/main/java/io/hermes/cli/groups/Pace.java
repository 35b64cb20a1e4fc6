package io.hermes.cli.groups;

import io.hermes.cli.console.Units;
import io.hermes.cli.groups.GroupState.Position;
import io.hermes.subscribe.CommittedOffset;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A group's lag in some partitions, and how it changes. Immutable.
 *
 * @param lag in records; null if it is not known
 * @param consumed committed records per second; null if it is not known
 * @param produced records per second that were added to the same partitions; null if not known
 */
record Pace(@Nullable Long lag, @Nullable Double consumed, @Nullable Double produced) {

  /**
   * Records produced within this time do not count as lag, because commits are made every few
   * seconds.
   */
  private static final double SECONDS_OF_COMMITS = 5;

  /**
   * A group's earlier position.
   *
   * @param seconds how long ago; above zero
   */
  record Past(double seconds, Map<TopicPartition, Position> positions) {}

  /**
   * Compares each partition with the first of the samples that knows it.
   *
   * @param past the oldest first
   */
  static Pace of(List<Position> positions, List<Past> past) {
    return new Pace(
        GroupState.lag(positions),
        rate(positions, past, Pace::committed),
        rate(positions, past, position -> position.log() == null ? null : position.end()));
  }

  private static @Nullable Long committed(Position position) {
    CommittedOffset commit = position.commit();
    return commit == null || commit.isOfAnotherTopic() ? null : commit.offset();
  }

  private static @Nullable Double rate(
      List<Position> positions, List<Past> past, Function<Position, @Nullable Long> figure) {
    Double sum = null;
    for (Position position : positions) {
      Double rate = rate(position, past, figure);
      if (rate != null) {
        sum = (sum == null ? 0 : sum) + rate;
      }
    }
    return sum;
  }

  private static @Nullable Double rate(
      Position position, List<Past> past, Function<Position, @Nullable Long> figure) {
    Long now = figure.apply(position);
    for (Past one : past) {
      Position then = one.positions().get(position.id());
      Long before = then == null || !isOfSameTopic(then, position) ? null : figure.apply(then);
      if (now != null && before != null) {
        // A reset or a truncated log moves offsets back, which is not a rate.
        return Math.max(0, now - before) / one.seconds();
      }
    }
    return null;
  }

  private static boolean isOfSameTopic(Position one, Position other) {
    return one.log() != null && other.log() != null && one.log().id().equals(other.log().id());
  }

  /** Whether there is lag, and it is not shrinking. */
  boolean isFallingBehind() {
    return consumed != null && produced != null && isBehind() && consumed <= produced;
  }

  private boolean isBehind() {
    return lag != null && lag > 0 && (produced == null || lag > produced * SECONDS_OF_COMMITS);
  }

  /**
   * The time until the lag is gone at these rates, or why it will not be; "-" if that is unknown or
   * the group is not behind.
   */
  String catchUp() {
    if (lag == null || consumed == null || produced == null || !isBehind()) {
      return "-";
    }
    if (consumed > produced) {
      double seconds = lag / (consumed - produced);
      return Units.duration(Duration.ofMillis((long) (seconds * 1e3))).replace(" ", "");
    }
    return consumed < produced ? "growing" : consumed > 0 ? "steady" : "stalled";
  }
}
