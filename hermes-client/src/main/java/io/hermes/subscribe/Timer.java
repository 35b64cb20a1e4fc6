package io.hermes.subscribe;

/** Runs something later. Safe for any thread; what it runs is short and does not wait. */
@FunctionalInterface
interface Timer {

  void after(long delayNs, Runnable task);
}
