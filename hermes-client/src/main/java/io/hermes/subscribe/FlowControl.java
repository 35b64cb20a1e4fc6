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
 * Bounds what is received and not finished, in records and bytes, by pausing partitions: all of
 * them at the limit, until less than half of it is left; one of them when what finishes beyond its
 * lowest unfinished record would no longer fit a commit. Only the poll thread.
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

  /** The partition was given up, and all that it had. */
  void dropped(Partition partition) {
    records -= partition.records();
    bytes -= partition.bytes();
    assert records >= 0 && bytes >= 0 : "a partition had more than was received";
    full = full && (records * 2 >= mostRecords || bytes * 2 >= mostBytes);
    forget(partition.id());
  }

  /** The partition is assigned anew, or no longer. */
  void forget(TopicPartition partition) {
    corrupt.remove(partition);
    paused.remove(partition);
  }

  /** Nothing is fetched from it until it is assigned anew. */
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

  /** How many records have to finish before it is worth to look again; 0 if it is not full. */
  long worthWakingAfter() {
    if (!full) {
      return 0;
    }
    long tooMany = records - (mostRecords + 1) / 2 + 1;
    return tooMany > 0 ? tooMany : Math.max(1, records / 4); // full of bytes: look now and then
  }

  /** Pauses and resumes what has to be. A partition that has no position yet is left paused. */
  void apply(Consumer<?, ?> consumer, Collection<Partition> owned, boolean stopAll) {
    Set<TopicPartition> pause = new HashSet<>();
    Set<TopicPartition> resume = new HashSet<>();
    for (Partition partition : owned) {
      TopicPartition id = partition.id();
      String reason = reason(partition, stopAll);
      if (reason != null && paused.add(id)) {
        pause.add(id);
        observers.tell(listener -> listener.paused(id, reason));
      } else if (reason == null && paused.remove(id)) {
        resume.add(id);
        observers.tell(listener -> listener.resumed(id));
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
