package io.hermes.subscribe;

import io.hermes.kafka.Words;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes partitions that are given up: starts no more of their handlers, and waits for the running
 * ones until a deadline. Poll thread only.
 */
final class PartitionDrain {

  private static final Logger LOG = LoggerFactory.getLogger("io.hermes.subscribe");

  private final Group group;
  private final Workers workers;
  private final Finished finished;

  PartitionDrain(Group group, Workers workers, Finished finished) {
    this.group = group;
    this.workers = workers;
    this.finished = finished;
  }

  /** Starts no more handlers and waits for the running ones. Returns whether all ended in time. */
  boolean close(Collection<Partition> leaving, long deadlineNs) {
    List<Assignment> closing =
        leaving.stream().map(Partition::assignment).filter(open -> !open.isClosed()).toList();
    closing.forEach(Assignment::close);
    // After closing all gates: a worker whose handler sees the deadline calls no further handler.
    closing.forEach(closed -> closed.endAt(deadlineNs));
    boolean inTime = awaitLeaving(leaving, deadlineNs);
    finished.apply();
    return inTime;
  }

  private boolean awaitLeaving(Collection<Partition> leaving, long deadlineNs) {
    boolean inTime = true;
    for (Partition partition : leaving) {
      Assignment assignment = partition.assignment();
      while (assignment.inside() > 0 && !assignment.isExpired()) {
        long leftNs = deadlineNs - System.nanoTime();
        if (leftNs > 0) {
          LockSupport.parkNanos(this, leftNs);
        } else {
          inTime = false;
          assignment.expire();
          interrupt(assignment);
        }
      }
    }
    return inTime;
  }

  private void interrupt(Assignment assignment) {
    List<String> named = new ArrayList<>();
    for (Worker worker : workers.working()) {
      WorkItem item = worker.interrupt(assignment);
      if (item != null) {
        named.add(item.toString());
      }
    }
    LOG.warn(
        "Group {}: {} was given up with {} still in handlers; the next owner handles them"
            + " again; interrupted: {}",
        group.name(),
        assignment,
        Words.count(assignment.inside(), "record"),
        named);
  }
}
