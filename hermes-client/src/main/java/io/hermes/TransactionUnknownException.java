package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * The transaction may or may not have been committed: the commit was sent, and no response arrived
 * in time. All of its events become visible or none does. Hermes never runs such a transaction
 * again. If you do, all of its events may be written twice, which is safe if handlers are
 * idempotent.
 */
public final class TransactionUnknownException extends TransactionException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception for a transaction that may have been committed. */
  public TransactionUnknownException(
      String problem,
      @Nullable String advice,
      @Nullable Throwable cause,
      String transactionalId,
      int events) {
    super(problem, advice, cause, true, transactionalId, events);
  }
}
