package io.hermes.subscribe;

import org.apache.kafka.clients.producer.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Why the first record of one transaction that was not written was not. What is reported after its
 * end belongs to it, and not to the next one. Kafka's I/O thread reports, or the poll thread inside
 * {@code send}; the poll thread reads.
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

  /** For an output of this record. */
  Callback callback(WorkItem item, String topic) {
    return (metadata, failure) -> {
      if (failure != null && first == null) {
        refused.add(item, topic, failure); // before the poll thread may know
        first = failure;
      }
    };
  }
}
