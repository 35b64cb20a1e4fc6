package io.hermes.subscribe;

import org.apache.kafka.clients.producer.Callback;
import org.jspecify.annotations.Nullable;

/**
 * The failure of the first unwritten record of one transaction. One object for each transaction, so
 * that late reports do not affect the next one. Kafka's I/O thread reports, or the poll thread
 * inside {@code send}; the poll thread reads.
 */
final class UnwrittenOutputs {

  private final RefusedOutputs refused;
  private volatile @Nullable Throwable first;

  UnwrittenOutputs(RefusedOutputs refused) {
    this.refused = refused;
  }

  @Nullable Throwable first() {
    return first;
  }

  /** The callback for an output of this record. */
  Callback callback(WorkItem item, String topic) {
    return (metadata, failure) -> {
      if (failure != null && first == null) {
        refused.add(item, topic, failure); // before the poll thread can see it
        first = failure;
      }
    };
  }
}
