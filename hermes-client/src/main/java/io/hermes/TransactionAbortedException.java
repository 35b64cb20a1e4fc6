package io.hermes;

import org.jspecify.annotations.Nullable;

/**
 * The transaction was not committed and never will be: none of its events is visible to
 * read-committed readers, such as Hermes' own. Running it again cannot create duplicates; if {@link
 * #isRetryable()} is true, that may succeed without any other change.
 */
public final class TransactionAbortedException extends TransactionException {

  private static final long serialVersionUID = 1L;

  /** Creates an exception for a transaction that was not committed. */
  public TransactionAbortedException(
      String problem,
      @Nullable String advice,
      @Nullable Throwable cause,
      boolean retryable,
      String transactionalId,
      int events) {
    super(problem, advice, cause, retryable, transactionalId, events);
  }
}
