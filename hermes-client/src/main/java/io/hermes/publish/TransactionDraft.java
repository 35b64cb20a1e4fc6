package io.hermes.publish;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import io.hermes.HermesException;
import io.hermes.PublishRejectedException;
import io.hermes.TransactionAbortedException;
import io.hermes.TransactionUnknownException;
import io.hermes.kafka.Thrown;
import io.hermes.kafka.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The events of one transaction while the caller's code runs: encoded and kept, not sent. The first
 * event that cannot be published aborts the transaction, even if the caller's code catches the
 * exception, because a transaction is all or nothing. Only for the caller's thread, except where
 * noted.
 */
final class TransactionDraft implements TransactionalPublisher.Transaction {

  /** The maximum size of a transaction in memory. */
  static final long MAX_BYTES = 32L << 20;

  /** The approximate memory overhead of a record, in bytes. */
  private static final int OVERHEAD = 200;

  private static final String RUN_AGAIN =
      "Run it again if handlers are idempotent; otherwise check first whether its events were"
          + " written.";

  /** What a transaction needs from its publisher. Immutable. */
  record Terms(
      Map<Descriptor, TopicRoute<?>> routes,
      PublicationObservers observers,
      String transactionalId) {}

  /** An event, encoded. */
  record Entry(
      ProducerRecord<byte[], byte[]> record, PublicationObservers.@Nullable Observed observed) {

    int keyBytes() {
      return record.key() == null ? -1 : record.key().length;
    }

    int valueBytes() {
      return record.value() == null ? -1 : record.value().length;
    }
  }

  private final Terms terms;
  private final long deadlineNs;
  private final Thread owner = Thread.currentThread();
  private final List<Entry> entries = new ArrayList<>();
  private long bytes;
  private boolean over;
  private @Nullable TransactionAbortedException spoiled;
  private volatile boolean foreign; // set by another thread that tried to use it

  TransactionDraft(Terms terms, long deadlineNs) {
    this.terms = terms;
    this.deadlineNs = deadlineNs;
  }

  @Override
  public void publish(Message event, Iterable<Header> headers) {
    Objects.requireNonNull(event, "event");
    Objects.requireNonNull(headers, "headers");
    requireUsable();
    Descriptor type = event.getDescriptorForType();
    TopicRoute<?> route = terms.routes.get(type);
    if (route == null) {
      throw spoil(Rejections.notServed(type.getFullName(), terms.routes.keySet()), null);
    }
    add(route, event, TopicRoute.NO_KEY, headers);
  }

  @Override
  public void publishTombstone(String type, byte[] key) {
    requireUsable();
    TopicRoute<?> route =
        terms.routes.values().stream()
            .filter(one -> one.topic().messageType().equals(type))
            .findAny()
            .orElseThrow(() -> spoil(Rejections.notServed(type, terms.routes.keySet()), null));
    add(route, null, key.clone(), List.of());
  }

  private void add(
      TopicRoute<?> route, @Nullable Message event, byte[] key, Iterable<Header> headers) {
    PublicationObservers.Observed observed = null;
    try {
      observed = terms.observers.begin(route.topic(), event, headers);
      add(route.record(event, key, observed == null ? headers : observed.headers()), observed);
    } catch (Throwable e) {
      throw spoil(PublishOutcomes.unencodable(e, route.topic().name()), observed);
    }
  }

  private void add(
      ProducerRecord<byte[], byte[]> record, PublicationObservers.@Nullable Observed observed) {
    Entry entry = new Entry(record, observed);
    bytes += OVERHEAD + Math.max(0, entry.keyBytes()) + Math.max(0, entry.valueBytes());
    for (Header header : record.headers()) {
      bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    if (bytes > MAX_BYTES) {
      String why =
          "The transaction would hold more than " + MAX_BYTES + " bytes in memory with this event.";
      throw Rejections.of(record.topic(), why, "Use several smaller transactions.", null, false);
    }
    entries.add(entry);
  }

  private void requireUsable() {
    if (Thread.currentThread() != owner) {
      foreign = true;
      throw new HermesException(
          "A transaction belongs to the thread that runs its body, "
              + owner.getName()
              + ", but "
              + Thread.currentThread().getName()
              + " used it. It is aborted.",
          "Publish its events on that one thread.",
          null);
    }
    if (over) {
      throw new HermesException(
          "This transaction has ended: its body has returned.",
          "Call transaction() for the next one.",
          null);
    }
    if (spoiled != null) {
      throw spoiled;
    }
    if (System.nanoTime() - deadlineNs > 0) {
      throw spoil(
          Rejections.of("", "The timeout of the transaction has expired.", null, null, true), null);
    }
  }

  private TransactionAbortedException spoil(
      PublishRejectedException why, PublicationObservers.@Nullable Observed observed) {
    if (observed != null) {
      observed.failed(why);
    }
    TransactionAbortedException first = aborted(why);
    spoiled = first;
    return first;
  }

  /**
   * The body has returned.
   *
   * @return its events
   * @throws TransactionAbortedException if one of them could not be published
   */
  List<Entry> end() {
    over = true;
    if (foreign && spoiled == null) {
      spoiled =
          aborted(
              "A thread other than the one that runs its body has used it.",
              "Publish its events on that one thread.",
              null,
              false);
    }
    if (spoiled != null) {
      abandon(spoiled);
      throw spoiled;
    }
    return List.copyOf(entries);
  }

  /** The body has thrown. */
  void abandon(Throwable why) {
    over = true;
    boolean retryable = why instanceof HermesException known && known.isRetryable();
    notWritten("Its transaction was aborted: " + Thrown.describe(why), null, why, retryable);
  }

  /** None of its events is or will be visible. */
  TransactionAbortedException aborted(HermesException why) {
    String otherwise = why.isRetryable() ? "Run it again." : "Correct that, then run it again.";
    return aborted(why.problem(), why.advice().orElse(otherwise), why, why.isRetryable());
  }

  private TransactionAbortedException aborted(
      String why, @Nullable String advice, @Nullable Throwable cause, boolean retryable) {
    return new TransactionAbortedException(
        "The transaction of "
            + Words.count(entries.size(), "event")
            + " was aborted, and none of them is visible. "
            + why,
        advice,
        cause,
        retryable,
        terms.transactionalId,
        entries.size());
  }

  /** All of its events are or will be visible, or none; which of the two is unknown. */
  TransactionUnknownException unknown(HermesException reason) {
    return new TransactionUnknownException(
        "The transaction of "
            + Words.count(entries.size(), "event")
            + " may or may not have been committed. "
            + reason.problem(),
        reason.advice().map(advice -> advice + " " + RUN_AGAIN).orElse(RUN_AGAIN),
        reason,
        terms.transactionalId,
        entries.size());
  }

  /** Reports to the observers that all events were written. */
  void written(List<Receipt> receipts) {
    for (int i = 0; i < entries.size(); i++) {
      PublicationObservers.Observed observed = entries.get(i).observed;
      if (observed != null) {
        observed.acknowledged(receipts.get(i));
      }
    }
  }

  /** Reports to the observers that the outcome is unknown. */
  void perhapsWritten(TransactionUnknownException why) {
    for (Entry entry : entries) {
      if (entry.observed != null) {
        String topic = entry.record.topic();
        entry.observed.failed(PublishOutcomes.unknown(topic, why.problem(), null, why));
      }
    }
  }

  /** Reports to the observers that no event was written. */
  void notWritten(HermesException why) {
    String problem = "Its transaction was aborted. " + why.problem();
    notWritten(problem, why.advice().orElse(null), why, why.isRetryable());
  }

  private void notWritten(String why, @Nullable String advice, Throwable cause, boolean retryable) {
    for (Entry entry : entries) {
      if (entry.observed != null) {
        entry.observed.failed(Rejections.of(entry.record.topic(), why, advice, cause, retryable));
      }
    }
  }
}
