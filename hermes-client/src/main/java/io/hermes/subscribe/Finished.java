package io.hermes.subscribe;

/**
 * Enters what workers have finished where it counts: the trackers, the flow, the counters. Only the
 * poll thread, in each turn and when those inside a partition that goes have left.
 */
final class Finished {

  private final Completions completions;
  private final FlowControl flow;
  private final Counters counters;

  Finished(Completions completions, FlowControl flow, Counters counters) {
    this.completions = completions;
    this.flow = flow;
    this.counters = counters;
  }

  void apply() {
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
    counters.handled.add(handled);
  }

  /** As {@link Completions#alarmAfter}. */
  boolean alarmAfter(long count) {
    return completions.alarmAfter(count);
  }
}
