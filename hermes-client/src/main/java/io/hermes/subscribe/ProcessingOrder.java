package io.hermes.subscribe;

/** Which records wait for each other. Whatever it is, no record is skipped. */
public enum ProcessingOrder {
  /** Records with the same key, in the same partition, one after the other. The default. */
  KEY,

  /** All records of a partition one after the other. */
  PARTITION,

  /** None: every record as soon as a worker is free. */
  UNORDERED
}
