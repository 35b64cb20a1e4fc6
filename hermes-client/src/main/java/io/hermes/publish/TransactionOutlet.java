package io.hermes.publish;

import io.hermes.HermesException;

/** Where the transactions of a publisher go, once their events are encoded. Safe for any thread. */
interface TransactionOutlet {

  /** Takes a transaction and ends it eventually. Does not wait for that. */
  void add(PendingTransaction transaction);

  /** The health of the publisher, including these counts. */
  PublisherHealth health(long observerFailures, PublisherHealth.Transactions transactions);

  /** Takes no more transactions, and ends the pending ones by the deadline. */
  void close(long deadlineNs);

  /** Why it takes no more transactions. */
  static HermesException closedReason() {
    return new HermesException("The publisher is closed.", null);
  }
}
