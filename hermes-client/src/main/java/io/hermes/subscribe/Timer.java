package io.hermes.subscribe;

/** Runs tasks later. Thread-safe; tasks must be short and must not block. */
@FunctionalInterface
interface Timer {

  void after(long delayNs, Runnable task);
}
