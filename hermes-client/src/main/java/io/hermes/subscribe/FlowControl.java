package io.hermes.subscribe;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the records that are received and not finished, by number and bytes, by pausing
 * partitions. At the limit, all partitions are paused until less than half of it is in flight. A
 * single partition is paused when the records finished beyond its lowest unfinished one would no
 * longer fit the commit metadata. Poll thread only.
 */
final class FlowControl {

  private final long mostRecords;
  private final long mostBytes;
  private final Committer committer;
  private final Observers observers;
  private final Map<TopicPartition, String> corrupt = new HashMap<>();
  private final Set<TopicPartition> paused = new HashSet<>();
  private long records;
  private long bytes;
  private boolean full;

  FlowControl(long mostRecords, long mostBytes, Committer committer, Observers observers) {
    this.mostRecords = mostRecords;
    this.mostBytes = mostBytes;
    this.committer = committer;
    this.observers = observers;
  }

  void received(Partition partition, int taskBytes) {
    partition.received(taskBytes);
    records++;
    bytes += taskBytes;
    full |= records >= mostRecords || bytes >= mostBytes;
  }

  void finished(Partition partition, int taskBytes) {
    partition.finished(taskBytes);
    records--;
    bytes -= taskBytes;
    assert records >= 0 && bytes >= 0 : "more has finished than was received";
    if (full && records * 2 < mostRecords && bytes * 2 < mostBytes) {
      full = false;
    }
  }

  /** The partition was given up, with all its records. */
  void dropped(Partition partition) {
    records -= partition.records();
    bytes -= partition.bytes();
    assert records >= 0 && bytes >= 0 : "a partition had more than was received";
    full = full && (records * 2 >= mostRecords || bytes * 2 >= mostBytes);
    forget(partition.id());
  }

  /** The partition was assigned again, or is no longer assigned. */
  void forget(TopicPartition partition) {
    corrupt.remove(partition);
    paused.remove(partition);
  }

  /** Fetches nothing from the partition until it is assigned again. */
  void block(TopicPartition partition, String reason) {
    corrupt.put(partition, reason);
  }

  long records() {
    return records;
  }

  long bytes() {
    return bytes;
  }

  boolean isFull() {
    return full;
  }

  /** How many records have to finish before another check is useful; 0 if it is not full. */
  long worthWakingAfter() {
    if (!full) {
      return 0;
    }
    long tooMany = records - (mostRecords + 1) / 2 + 1;
    return tooMany > 0 ? tooMany : Math.max(1, records / 4); // at the byte limit
  }

  /** Pauses and resumes partitions. Those without a position yet stay paused. */
  void apply(Consumer<?, ?> consumer, Collection<Partition> owned, boolean stopAll) {
    Set<TopicPartition> pause = new HashSet<>();
    Set<TopicPartition> resume = new HashSet<>();
    for (Partition partition : owned) {
      TopicPartition id = partition.id();
      String reason = reason(partition, stopAll);
      if (reason != null && paused.add(id)) {
        pause.add(id);
        observers.report(listener -> listener.paused(id, reason));
      } else if (reason == null && paused.remove(id)) {
        resume.add(id);
        observers.report(listener -> listener.resumed(id));
      }
    }
    if (!pause.isEmpty()) {
      consumer.pause(pause);
    }
    if (!resume.isEmpty()) {
      consumer.resume(resume);
    }
  }

  private @Nullable String reason(Partition partition, boolean stopAll) {
    if (stopAll) {
      return "the subscriber is paused or closing";
    }
    if (full) {
      return "the in-flight limit is reached: " + records + " records, " + bytes + " bytes";
    }
    String broken = corrupt.get(partition.id());
    if (broken != null) {
      return broken;
    }
    return committer.leavesRoom(partition)
        ? null
        : "offset " + partition.tracker().committable() + " is unfinished, far behind the others";
  }

  /** The partitions that are paused now, for health. */
  Set<TopicPartition> paused() {
    return paused.stream().collect(Collectors.toUnmodifiableSet());
  }
}
