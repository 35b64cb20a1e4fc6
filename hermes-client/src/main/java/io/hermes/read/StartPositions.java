package io.hermes.read;

import io.hermes.StartAt;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Where each partition starts, and its end at that time.
 *
 * @param starts the first offset to read
 * @param ends the offset behind the last record to read, of those that there were
 */
record StartPositions(Map<TopicPartition, Long> starts, Map<TopicPartition, Long> ends) {

  /**
   * Asks the brokers.
   *
   * @param to the time from which on nothing is read; null if there is none
   * @param left how long it may still take
   */
  static StartPositions find(
      Consumer<?, ?> consumer,
      Collection<TopicPartition> partitions,
      StartAt from,
      @Nullable Instant to,
      Supplier<Duration> left) {
    // The ends first: what is written meanwhile is then behind them, and nothing lies between.
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, left.get());
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, left.get());
    Map<TopicPartition, Long> starts = new HashMap<>();
    if (from instanceof StartAt.Time time) {
      starts.putAll(firstAt(consumer, time.time(), ends, left.get()));
    } else {
      ends.forEach(
          (partition, end) -> {
            long begin = Objects.requireNonNull(begins.get(partition));
            starts.put(partition, start(from, begin, end));
          });
    }
    return new StartPositions(starts, to == null ? ends : firstAt(consumer, to, ends, left.get()));
  }

  /** The first record of that time or later in each partition; its end if there is none. */
  private static Map<TopicPartition, Long> firstAt(
      Consumer<?, ?> consumer, Instant time, Map<TopicPartition, Long> ends, Duration timeout) {
    Map<TopicPartition, Long> times = new HashMap<>();
    ends.keySet().forEach(partition -> times.put(partition, Math.max(0, time.toEpochMilli())));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times, timeout);
    Map<TopicPartition, Long> offsets = new HashMap<>();
    ends.forEach(
        (partition, end) -> {
          OffsetAndTimestamp first = found.get(partition);
          // One that was written after the ends were asked for is behind them.
          offsets.put(partition, first == null ? end : Long.valueOf(Math.min(end, first.offset())));
        });
    return offsets;
  }

  private static long start(StartAt from, long begin, long end) {
    if (from instanceof StartAt.Offset at) {
      return Math.max(begin, Math.min(end, at.offset()));
    }
    if (from instanceof StartAt.Last last) {
      return Math.max(begin, end - last.records());
    }
    return from instanceof StartAt.Latest ? end : begin;
  }
}
