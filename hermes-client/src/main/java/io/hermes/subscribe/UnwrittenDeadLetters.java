package io.hermes.subscribe;

import io.hermes.Fault;
import io.hermes.kafka.Faults;
import io.hermes.kafka.KafkaFailures;
import java.util.NavigableMap;
import org.apache.kafka.common.TopicPartition;

/** The faults for dead letters that could not be written yet. Thread-safe. */
final class UnwrittenDeadLetters {

  private final Group group;
  private final Faults faults;

  UnwrittenDeadLetters(Group group, Faults faults) {
    this.group = group;
    this.faults = faults;
  }

  /** Reports that the record's partition waits. */
  void add(WorkItem item, String topic, Throwable failure) {
    TopicPartition source = item.partition.id();
    String what =
        "A dead-letter record cannot be written to "
            + topic
            + ", so "
            + source
            + " waits, at offset "
            + item.record.offset();
    Fault fault = KafkaFailures.fault(Fault.Kind.DEAD_LETTER, what, failure, group.where(), topic);
    NavigableMap<Long, Fault> unwritten = item.assignment().unwrittenDeadLetters();
    synchronized (unwritten) {
      unwritten.put(item.record.offset(), fault.ofPartition(source).ofGroup(group.name()));
      faults.begin(place(item), unwritten.firstEntry().getValue(), failure);
      if (item.assignment().isClosed()) {
        faults.end(place(item)); // the poll thread may already have ended the partition's faults
      }
    }
  }

  /** The fault remains while another dead letter of the partition is unwritten. */
  void remove(WorkItem item) {
    NavigableMap<Long, Fault> unwritten = item.assignment().unwrittenDeadLetters();
    synchronized (unwritten) {
      if (unwritten.remove(item.record.offset()) != null && unwritten.isEmpty()) {
        faults.end(place(item));
      }
    }
  }

  private static String place(WorkItem item) {
    return "dead letter of " + item.partition.id();
  }
}
