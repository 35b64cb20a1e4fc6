package io.hermes.subscribe;

import io.hermes.HermesException;
import io.hermes.PublishRejectedException;
import io.hermes.kafka.KafkaFailures;
import io.hermes.kafka.TransactionFailures;
import io.hermes.kafka.TransactionFailures.Action;
import io.hermes.kafka.TransactionFailures.Step;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * The records whose outputs or dead letters no broker accepts. One refused output aborts the whole
 * transaction. When its record is redelivered, it fails without a call of its handler; a record
 * whose dead letter was refused waits. Thread-safe.
 */
final class RefusedOutputs {

  private static final long LETTER_RETRY_NS = TimeUnit.SECONDS.toNanos(30);
  private static final int MOST = 10_000; // each costs a transaction

  private final TransactionFailures failures;
  private final Map<Place, PublishRejectedException> outputs = new ConcurrentHashMap<>();
  private final Map<Place, Letter> letters = new ConcurrentHashMap<>();

  private record Place(String topic, int partition, long offset) {}

  private record Letter(Throwable cause, long untilNs) {}

  RefusedOutputs(TransactionFailures failures) {
    this.failures = failures;
  }

  private static Place place(WorkItem item) {
    return new Place(item.record.topic(), item.record.partition(), item.record.offset());
  }

  /** An output of this record was not written, perhaps for another reason than a refusal. */
  void add(WorkItem item, String topic, Exception failure) {
    boolean forGood = failures.of(Step.SEND, failure).action() == Action.REFUSE;
    if (item.deadLetterCause != null) {
      boolean notNow =
          failure instanceof TopicAuthorizationException
              || failure instanceof UnknownTopicOrPartitionException;
      if (forGood || notNow) {
        letters.put(place(item), new Letter(failure, System.nanoTime() + LETTER_RETRY_NS));
      }
    } else if (forGood && outputs.size() < MOST) {
      HermesException refusal = KafkaFailures.unwritable(failure, -1);
      outputs.put(
          place(item),
          new PublishRejectedException(
              "What the handler emitted to "
                  + topic
                  + " for "
                  + item
                  + " was refused, so its transaction was aborted. "
                  + refusal.problem(),
              refusal.advice().orElse(null),
              failure,
              false,
              topic));
    }
  }

  /** Why the handler's outputs would be refused; null if they would not. */
  @Nullable Throwable of(WorkItem item) {
    return outputs.isEmpty() ? null : outputs.get(place(item));
  }

  /** Why its dead letter cannot be sent yet; null if it can. */
  @Nullable Throwable ofLetter(WorkItem item) {
    Letter letter = letters.isEmpty() ? null : letters.get(place(item));
    return letter == null || System.nanoTime() - letter.untilNs >= 0 ? null : letter.cause;
  }

  /** How long a refused dead letter waits at most. */
  long letterRetryNs() {
    return LETTER_RETRY_NS;
  }

  void forget(WorkItem item) {
    outputs.remove(place(item));
  }
}
