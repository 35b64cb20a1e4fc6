package io.hermes.subscribe;

import io.hermes.StartAt;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Where a group that has committed nothing begins. Only the poll thread. */
final class StartPositions {

  private final Member member;
  private final StartAt startAt;
  private final Duration timeout;

  StartPositions(Member member, StartAt startAt, Duration timeout) {
    this.member = member;
    this.startAt = startAt;
    this.timeout = timeout;
  }

  Map<TopicPartition, Long> of(Set<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      return Map.of();
    }
    if (startAt instanceof StartAt.Beginning) {
      return beginnings(partitions);
    }
    Map<TopicPartition, Long> ends = member.consumer().endOffsets(partitions, timeout);
    if (startAt instanceof StartAt.Latest) {
      return ends;
    }
    Map<TopicPartition, Long> starts = new HashMap<>();
    if (startAt instanceof StartAt.Time time) {
      Map<TopicPartition, Long> times = new HashMap<>();
      partitions.forEach(partition -> times.put(partition, time.time().toEpochMilli()));
      Map<TopicPartition, OffsetAndTimestamp> found =
          member.consumer().offsetsForTimes(times, timeout);
      for (TopicPartition partition : partitions) {
        @Nullable OffsetAndTimestamp first = found.get(partition);
        starts.put(partition, first == null ? endOf(ends, partition) : first.offset());
      }
      return starts;
    }
    Map<TopicPartition, Long> begins = beginnings(partitions);
    for (TopicPartition partition : partitions) {
      long end = endOf(ends, partition);
      long wanted =
          startAt instanceof StartAt.Last last
              ? end - last.records()
              : ((StartAt.Offset) startAt).offset();
      long begin = endOf(begins, partition);
      starts.put(partition, Math.max(begin, Math.min(wanted, end)));
    }
    return starts;
  }

  /** Where the logs begin. */
  Map<TopicPartition, Long> beginnings(Set<TopicPartition> partitions) {
    return partitions.isEmpty()
        ? Map.of()
        : member.consumer().beginningOffsets(partitions, timeout);
  }

  private static long endOf(Map<TopicPartition, Long> offsets, TopicPartition partition) {
    Long offset = offsets.get(partition);
    if (offset == null) {
      throw new IllegalStateException("Kafka gave no offset for " + partition + ".");
    }
    return offset;
  }
}
