package io.hermes.subscribe;

/** The state of a {@link SliceCommitter}'s transaction. */
enum SliceState {
  /** There is no transaction. */
  IDLE,
  /** There is one, which accepts results. */
  OPEN,
  /** It is being committed, and the outcome is not known yet. */
  COMMITTING,
  /** It must not be committed, and its partitions have not been given up yet. */
  VOID,
  /** The partitions have been given up; the transaction has to be aborted. */
  ABORTING,
  /** It has ended; the next one may have to wait for a back-off. */
  ABORTED
}
