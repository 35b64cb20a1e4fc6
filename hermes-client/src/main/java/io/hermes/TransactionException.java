package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * A publisher's transaction ended without a commit confirmed by Kafka. The subclass says which of
 * two outcomes it was: {@link TransactionAbortedException} (none of its events will ever be
 * visible) or {@link TransactionUnknownException} (all of them may be visible, or none). Never
 * contains an event.
 */
public abstract sealed class TransactionException extends HermesException
    permits TransactionAbortedException, TransactionUnknownException {

  private static final long serialVersionUID = 1L;

  private final String transactionalId;
  private final int events;

  TransactionException(
      String problem,
      @Nullable String advice,
      @Nullable Throwable cause,
      boolean retryable,
      String transactionalId,
      int events) {
    super(problem, advice, cause, retryable);
    this.transactionalId = transactionalId;
    this.events = events;
  }

  /** The publisher's transactional id, which identifies the transaction to the brokers. */
  public final String transactionalId() {
    return transactionalId;
  }

  /** The number of events that the transaction had when it ended. */
  public final int events() {
    return events;
  }
}
