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
 * A received record until it is finished. The poll thread makes it; then it belongs to who has it:
 * a queue, a worker, the timer, the dead letter producer, and in the end the completions.
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

  /** What is done with it, as the poll thread has found; null if no handler takes it. */
  @Nullable Route route;

  /** Whether its value is known not to be encoded. */
  boolean plain;

  /** The key of its queue; null if it is in none, as it waits for no other record. */
  @Nullable QueueKey key;

  /** Whether it was behind another one when it came. Only the poll thread. */
  boolean waits;

  /** What follows it in its queue. */
  volatile @Nullable WorkItem next;

  /** What finished before it and is not taken yet. Written by who adds it to the completions. */
  @Nullable WorkItem below;

  /** Its attempt, or the last one; null if nobody follows that. */
  @Nullable ObservedAttempt attempt;

  /** How many attempts failed. */
  int failures;

  /** When the first one failed. */
  long firstFailureNs;

  /** What its handler has emitted, or its dead letter, for the transaction of a pipe. */
  List<ProducerRecord<byte[], byte[]>> outputs = List.of();

  /** Why no handler is called for it: it was not decoded, or what came of it was refused. */
  @Nullable Throwable refusal;

  /** Why it is to be a dead letter; null if it is not. */
  @Nullable Throwable deadLetterCause;

  WorkItem(ConsumerRecord<byte[], byte[]> record, Partition partition, long ticket) {
    this.record = record;
    this.partition = partition;
    this.ticket = ticket;
    this.bytes =
        Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
  }

  /** The record for whoever is told of it: its event is not decoded. */
  EventRecord<?> undecoded() {
    return EventRecord.of(record, NOTHING);
  }

  /** Puts in place what the observers of its attempt want around user code on this thread. */
  Scope openScope() {
    return attempt == null ? NO_SCOPE : attempt.open();
  }

  /** Puts in place what they want around the sending of its dead letter or outputs. */
  Scope openSendingScope() {
    return attempt == null ? NO_SCOPE : attempt.sending();
  }

  /** The handler has returned, or its stage is complete. */
  void handlerReturned() {
    if (attempt != null) {
      attempt.returned();
    }
  }

  /** It is decided what becomes of it after a failure. */
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
