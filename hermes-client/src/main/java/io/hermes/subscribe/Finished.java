package io.hermes.subscribe;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Enters what workers have finished where it counts: the committer, the trackers, the flow, the
 * counters. Only the poll thread, in each turn and when those inside a partition that goes have
 * left.
 */
final class Finished {

  private final Completions completions;
  private final Committer committer;
  private final FlowControl flow;
  private final Counters counters;
  private List<WorkItem> waiting = new ArrayList<>(); // for a later commit; only if it is ordered

  Finished(Completions completions, Committer committer, FlowControl flow, Counters counters) {
    this.completions = completions;
    this.committer = committer;
    this.flow = flow;
    this.counters = counters;
  }

  /**
   * Waits for a commit in progress first, as a committer takes nothing before that; until the
   * deadline at most.
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
      item.below = null; // or one that somebody still holds would keep all below it
      // What is left of an earlier assignment changes nothing.
      if (item.partition.isLive() && item.partition.tracker().finish(item.ticket)) {
        flow.finished(item.partition, item.bytes);
        handled++;
      }
    }
    return handled;
  }

  /** One that has no room in this commit waits, and with it all behind it in its partition. */
  private long applyInOrder() {
    List<WorkItem> all = waiting;
    int before = all.size();
    WorkItem next;
    for (WorkItem item = completions.takeAll(); item != null; item = next) {
      next = item.below;
      item.below = null;
      all.add(item);
    }
    Collections.reverse(all.subList(before, all.size())); // the last one is taken first
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

  /** As {@link Completions#alarmAfter}, for whichever of flow and committer is to know first. */
  boolean alarmAfter(long count) {
    if (!committer.isReady()) {
      completions.alarmAfter(Long.MAX_VALUE); // by the committer
      return false;
    }
    long most = committer.worthWakingAfter();
    return completions.alarmAfter(
        count == 0 || most == 0 ? Math.max(count, most) : Math.min(count, most));
  }
}
