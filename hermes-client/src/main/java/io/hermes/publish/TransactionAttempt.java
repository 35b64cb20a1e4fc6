package io.hermes.publish;

import io.hermes.kafka.TransactionFailures;
import io.hermes.kafka.TransactionFailures.Action;
import io.hermes.kafka.TransactionFailures.Failure;
import io.hermes.kafka.TransactionFailures.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to write the events of a transaction, with the acknowledgements so far. Kafka sends
 * the commit request only after the callback of every record has run without an exception. So if a
 * record has no acknowledgement by the time the producer has ended, the transaction was definitely
 * not committed. The writing thread sends; Kafka's I/O thread reports.
 */
final class TransactionAttempt {

  private final List<TransactionDraft.Entry> entries;
  private final TransactionFailures failures;
  private final AtomicReferenceArray<@Nullable Receipt> receipts;
  private final AtomicInteger acknowledged = new AtomicInteger();
  private volatile @Nullable Failure failure; // the first one
  private boolean commitSent; // writing thread only

  TransactionAttempt(List<TransactionDraft.Entry> entries, TransactionFailures failures) {
    this.entries = entries;
    this.failures = failures;
    this.receipts = new AtomicReferenceArray<>(entries.size());
  }

  /** Passes the events to the producer; returns why that failed, or null. */
  @Nullable Failure send(Producer<byte[], byte[]> producer) {
    try {
      producer.beginTransaction();
    } catch (Throwable e) {
      Thread.interrupted(); // the next step waits
      return failures.of(Step.BEGIN, e);
    }
    for (int i = 0; i < entries.size() && failure == null; i++) {
      TransactionDraft.Entry entry = entries.get(i);
      Runnable sent = entry.observed() == null ? null : entry.observed().sending();
      try {
        var unused = producer.send(entry.record(), callback(i, entry));
      } catch (Throwable e) {
        Thread.interrupted(); // the abort that follows waits
        return failure(entry, e);
      } finally {
        if (sent != null) {
          sent.run();
        }
      }
    }
    return failure;
  }

  private Callback callback(int index, TransactionDraft.Entry entry) {
    return (written, thrown) -> {
      if (thrown == null) {
        receipts.set(index, Receipt.of(written, entry.keyBytes(), entry.valueBytes()));
        acknowledged.incrementAndGet();
      } else if (failure == null) { // set by one thread, except for refusals inside send
        failure = failure(entry, thrown);
      }
    };
  }

  /** Describes the event if it is the reason. */
  private Failure failure(TransactionDraft.Entry entry, Throwable thrown) {
    Failure known = failures.of(Step.SEND, thrown);
    Throwable cause = known.reason().getCause();
    if (known.action() != Action.REFUSE || cause == null) {
      return known;
    }
    return new Failure(
        known.step(),
        known.action(),
        PublishOutcomes.beforeSend(
            cause, failures.where(), entry.record().topic(), entry.valueBytes()));
  }

  /** The commit is about to be sent. */
  void commits() {
    commitSent = true;
  }

  /** Whether the commit was passed to the producer. */
  boolean commitWasSent() {
    return commitSent;
  }

  /** Whether the brokers have acknowledged every event. */
  boolean isAcknowledged() {
    return acknowledged.get() == entries.size();
  }

  /** The first event's failure, which says more than that of the commit; null if none failed. */
  @Nullable Failure failure() {
    return failure;
  }

  /** A receipt for each event, after all have been acknowledged. */
  List<Receipt> receipts() {
    List<Receipt> all = new ArrayList<>(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      Receipt receipt = receipts.get(i);
      if (receipt == null) {
        throw new IllegalStateException("Kafka has committed a record without acknowledging it.");
      }
      all.add(receipt);
    }
    return List.copyOf(all);
  }
}
