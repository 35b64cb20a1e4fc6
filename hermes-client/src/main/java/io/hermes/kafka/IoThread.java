package io.hermes.kafka;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.jspecify.annotations.Nullable;

/**
 * Tracks the I/O thread of a Kafka producer. An {@code Error} on it, for example from an
 * interceptor, ends the thread. The producer then still accepts records but never reports an
 * outcome. Safe for any thread.
 */
public final class IoThread {

  private volatile @Nullable Thread thread;

  /** Starts without a known thread. */
  public IoThread() {}

  /**
   * Called in a callback, which Kafka runs on its I/O thread. Ignores other threads, on which a
   * decorated client may run callbacks.
   */
  public void callsBack() {
    Thread caller = Thread.currentThread();
    if (caller != thread && caller.getName().startsWith(KafkaProducer.NETWORK_THREAD_PREFIX)) {
      thread = caller;
    }
  }

  /**
   * Whether the thread has ended.
   *
   * @return false if it is alive, or has not run a callback yet
   */
  public boolean isDead() {
    Thread known = thread;
    return known != null && !known.isAlive();
  }
}
