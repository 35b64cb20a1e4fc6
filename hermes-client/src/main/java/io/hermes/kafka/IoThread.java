package io.hermes.kafka;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.jspecify.annotations.Nullable;

/**
 * The I/O thread of one of Kafka's producers. An {@code Error} on it, for instance one that an
 * interceptor throws, ends it, and the producer goes on taking records without ever ending one.
 * Safe for any thread.
 */
public final class IoThread {

  private volatile @Nullable Thread thread;

  /** Nothing is known of the thread yet. */
  public IoThread() {}

  /**
   * Called in a callback, which Kafka runs on its I/O thread. Threads of clients that are decorated
   * to call back elsewhere do not count.
   */
  public void callsBack() {
    Thread caller = Thread.currentThread();
    if (caller != thread && caller.getName().startsWith(KafkaProducer.NETWORK_THREAD_PREFIX)) {
      thread = caller;
    }
  }

  /**
   * Whether it has ended.
   *
   * @return false also if it has called nothing back yet
   */
  public boolean isDead() {
    Thread known = thread;
    return known != null && !known.isAlive();
  }
}
