package io.hermes.subscribe;

/**
 * Enters what workers have finished where it counts: the trackers, the flow, the health. Only the
 * poll thread, in each turn and when those inside a partition that goes have left.
 */
final class Finished {

  private final Completions completions;
  private final FlowControl flow;
  private final HealthBoard health;

  Finished(Completions completions, FlowControl flow, HealthBoard health) {
    this.completions = completions;
    this.flow = flow;
    this.health = health;
  }

  void apply() {
    Task next;
    for (Task task = completions.takeAll(); task != null; task = next) {
      next = task.below;
      task.below = null; // or one that somebody still holds would keep all below it
      // What is left of an earlier assignment changes nothing.
      if (task.partition.isLive() && task.partition.tracker().finish(task.ticket)) {
        flow.finished(task.partition, task.bytes);
        health.handledOne();
      }
    }
  }

  /** As {@link Completions#alarmAfter}. */
  boolean alarmAfter(long count) {
    return completions.alarmAfter(count);
  }
}
