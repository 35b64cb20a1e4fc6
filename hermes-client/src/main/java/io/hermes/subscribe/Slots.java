package io.hermes.subscribe;

/** Bounds the number of records being handled. Thread-safe. */
interface Slots {

  /** Takes slots for records that became ready, as many as are free. */
  void wake(int ready);

  /** Frees a slot. */
  void giveBack();
}
