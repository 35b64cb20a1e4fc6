package io.hermes.subscribe;

/** What happens to a record whose handler failed. */
public enum Decision {
  /** It is retried later; later records of its key wait for it. */
  RETRY,

  /** It is written to the dead-letter topic and then acked. */
  DEAD_LETTER,

  /** It is acked, and its position is logged. */
  SKIP,

  /** The subscriber closes without acking it. */
  STOP
}
