package io.hermes.subscribe;

/** What becomes of a record whose handling failed. */
public enum Decision {
  /** It is handled again later; what follows it in its key waits. */
  RETRY,

  /** It is written to the dead letter topic, and then acked. */
  DEAD_LETTER,

  /** It is acked, with a line in the log. */
  SKIP,

  /** The subscriber closes, and does not ack it. */
  STOP
}
