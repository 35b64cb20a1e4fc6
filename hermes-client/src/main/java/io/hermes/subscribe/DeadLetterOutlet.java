package io.hermes.subscribe;

import java.time.Duration;

/** Where records go that could not be handled. Safe for any thread. */
interface DeadLetterOutlet {

  /** Is told once what became of a dead letter. On any thread. */
  interface Written {
    void acknowledged();

    /** It is not written. Who had it sends it again, not before this wait is over. */
    void failed(long retryInNs);
  }

  /** Sends the record's dead letter. */
  void send(WorkItem item, Throwable cause, Written written);

  /** Looks after those on their way. Called once a second. */
  default void look(long nowNs) {}

  /** Waits for those on their way, at most so long. */
  default void close(Duration timeout) {}
}
