package io.hermes.subscribe;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Passes finished records to the committer, the trackers, the flow control and the counters. Poll
 * thread only: in each turn, and when the last handler has left a partition that is given up.
 */
final class Finished {

  private final Completions completions;
  private final Committer committer;
  private final FlowControl flow;
  private final Counters counters;
  private List<WorkItem> waiting = new ArrayList<>(); // for a later commit, if ordered

  Finished(Completions completions, Committer committer, FlowControl flow, Counters counters) {
    this.completions = completions;
    this.committer = committer;
    this.flow = flow;
    this.counters = counters;
  }

  /**
   * Waits for a commit in flight first, until the deadline at most, since a committer takes no
   * records before it has ended.
   */
  void apply(long deadlineNs) {
    committer.settle(deadlineNs);
    apply();
  }

  void apply() {
    if (!committer.isReady()) {
      return;
    }
    long handled = committer.isOrdered() ? applyInOrder() : applyAll();
    counters.handled.add(handled);
  }

  private long applyAll() {
    long handled = 0;
    WorkItem next;
    for (WorkItem item = completions.takeAll(); item != null; item = next) {
      next = item.below;
      item.below = null; // otherwise a reference to it keeps all below it reachable
      // Records of an earlier assignment are ignored.
      if (item.partition.isLive() && item.partition.tracker().finish(item.ticket)) {
        flow.finished(item.partition, item.bytes);
        handled++;
      }
    }
    return handled;
  }

  /** A record without room in this commit waits, as do all records beyond it in its partition. */
  private long applyInOrder() {
    List<WorkItem> all = waiting;
    int before = all.size();
    WorkItem next;
    for (WorkItem item = completions.takeAll(); item != null; item = next) {
      next = item.below;
      item.below = null;
      all.add(item);
    }
    Collections.reverse(all.subList(before, all.size())); // the stack returns the last one first
    waiting = new ArrayList<>();
    long handled = 0;
    for (WorkItem item : all) {
      if (!item.partition.isLive()) {
        continue;
      }
      if (!committer.hasRoomFor(item)) {
        waiting.add(item);
      } else if (committer.takes(item) && item.partition.tracker().finish(item.ticket)) {
        flow.finished(item.partition, item.bytes);
        handled++;
      }
    }
    return handled;
  }

  /** Like {@link Completions#alarmAfter}, for the lower count of flow control and committer. */
  boolean alarmAfter(long count) {
    if (!committer.isReady()) {
      completions.alarmAfter(Long.MAX_VALUE); // the committer raises the alarm
      return false;
    }
    long most = committer.worthWakingAfter();
    return completions.alarmAfter(
        count == 0 || most == 0 ? Math.max(count, most) : Math.min(count, most));
  }
}
