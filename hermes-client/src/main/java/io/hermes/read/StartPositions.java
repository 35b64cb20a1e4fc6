package io.hermes.read;

import io.hermes.StartAt;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/**
 * Where each partition starts, and its end at that time.
 *
 * @param starts the first offset to read
 * @param ends the offset behind the last record that could be read
 */
record StartPositions(Map<TopicPartition, Long> starts, Map<TopicPartition, Long> ends) {

  /**
   * Asks the brokers.
   *
   * @param left how long it may still take
   */
  static StartPositions find(
      Consumer<?, ?> consumer,
      Collection<TopicPartition> partitions,
      StartAt from,
      Supplier<Duration> left) {
    // The ends first: what is written meanwhile is then behind them, and nothing lies between.
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, left.get());
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, left.get());
    Map<TopicPartition, Long> starts = new HashMap<>();
    if (from instanceof StartAt.Time time) {
      Map<TopicPartition, Long> times = new HashMap<>();
      partitions.forEach(partition -> times.put(partition, time.time().toEpochMilli()));
      Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times, left.get());
      ends.forEach(
          (partition, end) -> {
            OffsetAndTimestamp first = found.get(partition);
            starts.put(partition, first == null ? end : first.offset());
          });
    } else {
      ends.forEach(
          (partition, end) -> {
            long begin = Objects.requireNonNull(begins.get(partition));
            starts.put(partition, start(from, begin, end));
          });
    }
    return new StartPositions(starts, ends);
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
