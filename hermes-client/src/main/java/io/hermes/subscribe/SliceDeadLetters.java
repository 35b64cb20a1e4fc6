package io.hermes.subscribe;

import java.util.List;

/**
 * The dead letters of a pipe: they are outputs of their records, and so in the same transaction.
 * Safe for any thread.
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

  /** One that was refused waits alone, instead of aborting one transaction after the other. */
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
