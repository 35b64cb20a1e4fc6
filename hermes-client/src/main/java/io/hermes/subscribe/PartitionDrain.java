package io.hermes.subscribe;

import io.hermes.kafka.Words;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes partitions that are given up: no handler of theirs starts any more, and those that run
 * have until a deadline. Only the poll thread.
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

  /** No handler starts any more; waits for those that run. Returns whether all ended in time. */
  boolean close(Collection<Partition> leaving, long deadlineNs) {
    List<Assignment> closing =
        leaving.stream().map(Partition::assignment).filter(open -> !open.isClosed()).toList();
    closing.forEach(Assignment::close);
    // After all gates: a handler that sees its deadline is the last one of its worker.
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
        "Group {}: {} is given up with {} in the handlers, which its next owner handles"
            + " again; interrupted: {}",
        group.name(),
        assignment,
        Words.count(assignment.inside(), "record"),
        named);
  }
}
