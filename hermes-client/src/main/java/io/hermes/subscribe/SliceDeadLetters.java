package io.hermes.subscribe;

import java.util.List;

/**
 * The dead letters of a pipe: outputs of their records, and so part of the same transaction.
 * Thread-safe.
 */
final class SliceDeadLetters implements DeadLetterOutlet {

  private final String group;
  private final RefusedOutputs refused;
  private final UnwrittenDeadLetters unwritten;

  SliceDeadLetters(String group, RefusedOutputs refused, UnwrittenDeadLetters unwritten) {
    this.group = group;
    this.refused = refused;
    this.unwritten = unwritten;
  }

  /** A refused dead letter waits, instead of aborting one transaction after another. */
  @Override
  public void send(WorkItem item, Throwable cause, Written written) {
    Throwable refusal = refused.ofLetter(item);
    if (refusal != null) {
      unwritten.add(item, DeadLetterHeaders.topicOf(item.record.topic()), refusal);
      written.failed(refused.letterRetryNs());
      return;
    }
    unwritten.remove(item);
    item.outputs = List.of(DeadLetterRecord.of(item, cause, group));
    written.acknowledged();
  }
}
