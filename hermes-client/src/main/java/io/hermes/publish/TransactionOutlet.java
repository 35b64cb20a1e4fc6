package io.hermes.publish;

import io.hermes.HermesException;

/** Where the transactions of a publisher go, once their events are encoded. Safe for any thread. */
interface TransactionOutlet {

  /** Takes a transaction, and ends it sooner or later. Does not wait for that. */
  void add(PendingTransaction transaction);

  /** The health of its publisher, which has counted these. */
  PublisherHealth health(long observerFailures, PublisherHealth.Transactions transactions);

  /** Takes no more transactions, and ends those that it has by the deadline. */
  void close(long deadlineNs);

  /** Why it takes no more transactions. */
  static HermesException closedReason() {
    return new HermesException("The publisher is closed.", null);
  }
}
