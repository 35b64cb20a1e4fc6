package io.hermes.subscribe;

/** What bounds how many records are in handling. Safe for any thread. */
interface Slots {

  /** So many records became ready: takes as many slots as there are for them. */
  void wake(int ready);

  /** What a slot was taken for is over. */
  void giveBack();
}
