package io.hermes.publish;

import io.hermes.HermesException;
import io.hermes.TransactionUnknownException;
import io.hermes.kafka.Timeouts;
import io.hermes.kafka.Words;
import io.hermes.publish.PendingTransaction.Aborted;
import io.hermes.publish.PendingTransaction.Committed;
import io.hermes.publish.PendingTransaction.Outcome;
import io.hermes.publish.PendingTransaction.Unknown;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * Runs the body on the caller's thread, which collects its events ({@link TransactionDraft}),
 * passes them to a {@link TransactionOutlet} to write, and waits for the outcome. Safe for any
 * thread.
 */
final class KafkaTransactionalPublisher implements TransactionalPublisher {

  private final TransactionDraft.Terms terms;
  private final TransactionOutlet outlet;
  private final Duration timeout;
  private final LongAdder commits = new LongAdder();
  private final LongAdder aborts = new LongAdder();
  private final LongAdder unknowns = new LongAdder();

  KafkaTransactionalPublisher(
      TransactionDraft.Terms terms, TransactionOutlet outlet, Duration timeout) {
    this.terms = terms;
    this.outlet = outlet;
    this.timeout = timeout;
  }

  @Override
  public <X extends Exception> List<Receipt> transaction(Body<X> body) throws X {
    Objects.requireNonNull(body, "body");
    long deadlineNs = System.nanoTime() + Timeouts.nanos(timeout);
    TransactionDraft draft = new TransactionDraft(terms, deadlineNs);
    List<TransactionDraft.Entry> entries;
    try {
      entries = run(body, draft);
    } catch (Throwable e) {
      aborts.increment();
      throw e;
    }
    if (entries.isEmpty()) {
      return List.of();
    }
    PendingTransaction transaction = new PendingTransaction(entries, deadlineNs);
    outlet.add(transaction);
    Outcome outcome = await(transaction);
    if (outcome instanceof Committed committed) {
      commits.increment();
      draft.written(committed.receipts());
      return committed.receipts();
    }
    if (outcome instanceof Aborted aborted) {
      aborts.increment();
      HermesException reason = aborted.reason();
      draft.notWritten(reason);
      throw draft.aborted(reason);
    }
    unknowns.increment();
    TransactionUnknownException unknown = draft.unknown(((Unknown) outcome).reason());
    draft.perhapsWritten(unknown);
    throw unknown;
  }

  private static <X extends Exception> List<TransactionDraft.Entry> run(
      Body<X> body, TransactionDraft draft) throws X {
    try {
      body.run(draft);
    } catch (Throwable e) {
      draft.abandon(e);
      throw e;
    }
    return draft.end();
  }

  /** Returns by the deadline, even if the writer is stuck. */
  private Outcome await(PendingTransaction transaction) {
    try {
      Outcome outcome = transaction.await(transaction.deadlineNs());
      if (outcome != null) {
        return outcome;
      }
      transaction.giveUp(
          new HermesException(
              "There was no outcome within " + Words.duration(timeout) + ".", null, true));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      transaction.giveUp(new HermesException("Interrupted while waiting.", e, true));
    }
    return transaction.outcome();
  }

  @Override
  public String transactionalId() {
    return terms.transactionalId();
  }

  @Override
  public PublisherHealth health() {
    return outlet.health(
        terms.observers().failures(),
        new PublisherHealth.Transactions(commits.sum(), aborts.sum(), unknowns.sum()));
  }

  @Override
  public void close(Duration limit) {
    long deadlineNs = System.nanoTime() + Timeouts.nanos(limit);
    outlet.close(deadlineNs);
    terms.routes().values().forEach(TopicRoute::close);
    terms.observers().closed(deadlineNs);
  }

  @Override
  public String toString() {
    return "TransactionalPublisher[" + terms.transactionalId() + "]";
  }
}
