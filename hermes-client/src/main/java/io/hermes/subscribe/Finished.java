package io.hermes.subscribe;

/**
 * Enters what workers have finished where it counts: the trackers, the flow, the count. Only the
 * poll thread, in each turn and when those inside a partition that goes have left.
 */
final class Finished {

  private final Completions completions;
  private final FlowControl flow;
  private long total;

  Finished(Completions completions, FlowControl flow) {
    this.completions = completions;
    this.flow = flow;
  }

  void apply() {
    WorkItem next;
    for (WorkItem item = completions.takeAll(); item != null; item = next) {
      next = item.below;
      item.below = null; // or one that somebody still holds would keep all below it
      // What is left of an earlier assignment changes nothing.
      if (item.partition.isLive() && item.partition.tracker().finish(item.ticket)) {
        flow.finished(item.partition, item.bytes);
        total++;
      }
    }
  }

  /** How many records have finished. */
  long total() {
    return total;
  }

  /** As {@link Completions#alarmAfter}. */
  boolean alarmAfter(long count) {
    return completions.alarmAfter(count);
  }
}
