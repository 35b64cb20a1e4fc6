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
    Task next;
    for (Task task = completions.takeAll(); task != null; task = next) {
      next = task.below;
      task.below = null; // or one that somebody still holds would keep all below it
      // What is left of an earlier assignment changes nothing.
      if (task.partition.isLive() && task.partition.tracker().finish(task.ticket)) {
        flow.finished(task.partition, task.bytes);
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
