package io.hermes.kafka;

import io.hermes.StartAt;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Resolves a {@link StartAt} to the offset where reading of each partition starts: an offset within
 * the log, or its end. It queries the brokers only for what is needed, and for beginnings and ends
 * only once. So all results are from one point in time: records written later are after the ends.
 * For one thread at a time.
 */
public final class StartPositions {

  private final Consumer<?, ?> consumer;
  private final List<TopicPartition> partitions;
  private final Supplier<Duration> left;
  private @Nullable Map<TopicPartition, Long> begins;
  private @Nullable Map<TopicPartition, Long> ends;

  /**
   * Sends no requests yet. The methods throw what the consumer throws.
   *
   * @param consumer the consumer to use
   * @param partitions the partitions in question
   * @param left returns how long the next query may take
   */
  public StartPositions(
      Consumer<?, ?> consumer, Collection<TopicPartition> partitions, Supplier<Duration> left) {
    this.consumer = consumer;
    this.partitions = List.copyOf(partitions);
    this.left = left;
  }

  /** The offset of each partition's first record. */
  public Map<TopicPartition, Long> begins() {
    if (begins == null) {
      begins = partitions.isEmpty() ? Map.of() : consumer.beginningOffsets(partitions, left.get());
    }
    return begins;
  }

  /** For each partition, the offset after the last readable record. */
  public Map<TopicPartition, Long> ends() {
    if (ends == null) {
      ends = partitions.isEmpty() ? Map.of() : consumer.endOffsets(partitions, left.get());
    }
    return ends;
  }

  /** The first offset to read of each partition. */
  public Map<TopicPartition, Long> of(StartAt start) {
    if (start instanceof StartAt.Beginning) {
      return begins();
    }
    if (start instanceof StartAt.Latest) {
      return ends();
    }
    if (start instanceof StartAt.Time time) {
      return firstAt(time.time());
    }
    Map<TopicPartition, Long> starts = new HashMap<>();
    for (TopicPartition partition : partitions) {
      long end = offset(ends(), partition);
      long wanted =
          start instanceof StartAt.Last last
              ? end - last.records()
              : ((StartAt.Offset) start).offset();
      starts.put(partition, Math.max(offset(begins(), partition), Math.min(wanted, end)));
    }
    return starts;
  }

  /**
   * The offset of each partition's first record with that timestamp or a later one; the partition's
   * end if no such record exists.
   */
  public Map<TopicPartition, Long> firstAt(Instant time) {
    if (partitions.isEmpty()) {
      return Map.of();
    }
    ends(); // before the search, so that only records written later can be after the ends
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, Math.max(0, time.toEpochMilli())));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times, left.get());
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (TopicPartition partition : partitions) {
      long end = offset(ends(), partition);
      OffsetAndTimestamp first = found.get(partition);
      offsets.put(partition, first == null ? end : Math.min(end, first.offset()));
    }
    return offsets;
  }

  private static long offset(Map<TopicPartition, Long> offsets, TopicPartition partition) {
    return Objects.requireNonNull(
        offsets.get(partition), "Kafka returned no offset for a partition");
  }
}
