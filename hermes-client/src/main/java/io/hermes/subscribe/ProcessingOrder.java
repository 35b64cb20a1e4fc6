package io.hermes.subscribe;

/** Which records are handled one after another. No order ever skips a record. */
public enum ProcessingOrder {
  /** Records with the same key, in the same partition, in offset order. The default. */
  KEY,

  /** All records of a partition, in offset order. */
  PARTITION,

  /** No order: each record is handled as soon as a worker is free. */
  UNORDERED
}
