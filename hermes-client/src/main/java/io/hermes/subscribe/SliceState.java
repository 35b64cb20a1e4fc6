package io.hermes.subscribe;

/** Where the transaction of a {@link SliceCommitter} stands. */
enum SliceState {
  /** There is no transaction. */
  IDLE,
  /** There is one, which takes results. */
  OPEN,
  /** It is being committed, and nobody knows yet whether it is. */
  COMMITTING,
  /** It must not be committed, and the partitions do not know that yet. */
  VOID,
  /** The partitions have been given up; what is left of the transaction has to end. */
  ABORTING,
  /** It has ended, and the next one may have to wait. */
  ABORTED
}
