package io.hermes.subscribe;

import java.time.Duration;

/** Writes dead-letter records. Thread-safe. */
interface DeadLetterOutlet {

  /** Called once with the outcome of a send, on any thread. */
  interface Written {
    void acknowledged();

    /** It was not written. The sender repeats the send after this wait. */
    void failed(long retryInNs);
  }

  /** Sends the dead-letter record of {@code item}. */
  void send(WorkItem item, Throwable cause, Written written);

  /** Checks the records in flight. Called once a second. */
  default void check(long nowNs) {}

  /** Waits for the records in flight, at most for the timeout. */
  default void close(Duration timeout) {}
}
