package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.EventRecord;
import io.hermes.UndecodableEventException;
import io.hermes.subscribe.HandlerOutcome.Failed;
import io.hermes.subscribe.SubscriberObserver.Scope;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * A received record until it is finished. The poll thread creates it. After that it has one owner
 * at a time: a queue, a worker, the timer, the dead-letter producer, and finally the completions.
 */
final class WorkItem {

  private static final Scope NO_SCOPE = () -> {};
  private static final Deserializer<Message> NOTHING =
      (topic, value) -> {
        throw new UndecodableEventException("Only its bytes are available here.", null);
      };

  final ConsumerRecord<byte[], byte[]> record;
  final Partition partition;
  final long ticket;
  final int bytes;

  /** The route that the poll thread found for it; null if no handler takes it. */
  @Nullable Route route;

  /** Whether its value is known to have no {@code content-encoding}. */
  boolean plain;

  /** The key of its queue; null if it is in none and waits for no other record. */
  @Nullable QueueKey key;

  /** Whether its queue had a record when it was added. Poll thread only. */
  boolean waits;

  /** The next record in its queue. */
  volatile @Nullable WorkItem next;

  /** The next lower item on the stack of {@link Completions}. Written by the adding thread. */
  @Nullable WorkItem below;

  /** The current or last attempt; null if it is not observed. */
  @Nullable ObservedAttempt attempt;

  /** The number of failed attempts. */
  int failures;

  /** When the first attempt failed. */
  long firstFailureNs;

  /** In a pipe, the records for the transaction: what its handler emitted, or its dead letter. */
  List<ProducerRecord<byte[], byte[]>> outputs = List.of();

  /** Why no handler is called: the record cannot be decoded, or its outputs were refused. */
  @Nullable Throwable refusal;

  /** Why the record goes to the dead-letter topic; null if it does not. */
  @Nullable Throwable deadLetterCause;

  WorkItem(ConsumerRecord<byte[], byte[]> record, Partition partition, long ticket) {
    this.record = record;
    this.partition = partition;
    this.ticket = ticket;
    this.bytes =
        Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
  }

  /** The record for listeners and observers, without a decoded event. */
  EventRecord<?> undecoded() {
    return EventRecord.of(record, NOTHING);
  }

  /** Opens the observers' scopes around user code on this thread. */
  Scope openScope() {
    return attempt == null ? NO_SCOPE : attempt.open();
  }

  /** Opens the observers' scopes around the sending of its dead letter or outputs. */
  Scope openSendingScope() {
    return attempt == null ? NO_SCOPE : attempt.sending();
  }

  /** The handler has returned, or its stage is complete. */
  void handlerReturned() {
    if (attempt != null) {
      attempt.returned();
    }
  }

  /** Reports a failure to the observers. The decision is null if the partition was given up. */
  void failed(Throwable failure, @Nullable Decision decision) {
    if (attempt != null) {
      attempt.failed(new Failed(undecoded(), failure, Optional.ofNullable(decision)));
    }
  }

  Assignment assignment() {
    return partition.assignment();
  }

  @Override
  public String toString() {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }
}
