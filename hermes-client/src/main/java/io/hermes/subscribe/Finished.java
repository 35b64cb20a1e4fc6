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
    for (Task task = completions.poll(); task != null; task = completions.poll()) {
      // What is left of an earlier assignment changes nothing.
      if (task.partition.isLive() && task.partition.tracker().finish(task.ticket)) {
        flow.finished(task.partition, task.bytes);
        health.handledOne();
      }
    }
  }

  /** As {@link Completions#alarmAt}. */
  boolean alarmAt(long count) {
    return completions.alarmAt(count);
  }
}
