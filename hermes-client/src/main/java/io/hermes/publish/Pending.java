package io.hermes.publish;

import io.hermes.PublishRejectedException;
import org.apache.kafka.clients.producer.Callback;
import org.jspecify.annotations.Nullable;

/**
 * One event on its way. The caller's thread makes it and hands it to Kafka with its record; Kafka
 * calls it back on its I/O thread; if it goes through the {@link Relay}, the acknowledgement thread
 * delivers it. Each thread hands it to the next one through a queue.
 */
interface Pending extends Callback {

  /** Observers follow it, from before its admission on. */
  void observed(PublicationObservers.Observed by);

  /**
   * The event has passed admission and is encoded; only {@code send} is still to come.
   *
   * @param keyBytes the size of the key, -1 if there is none
   * @param valueBytes the size of the value, -1 for a tombstone
   * @param charge what it was admitted with, in bytes
   */
  void admitted(Destination to, int keyBytes, int valueBytes, int charge);

  /** The caller's thread is about to call {@code send}. */
  void enterSend();

  /** The caller's thread has left {@code send}; returns why Kafka refused the record in it. */
  @Nullable Exception leaveSend();

  /** The event will not be written: its outcome, on the caller's thread. */
  void refused(PublishRejectedException why);

  int charge();

  /**
   * Takes the outcome, the record's metadata or an exception, and keeps it until {@link #deliver}.
   * Kafka's outcome and that of a producer which was given up may come at the same time.
   *
   * @return whether this was the first one; any other is of no effect
   */
  boolean ended(@Nullable Object outcome);

  /** An outcome that is not null. */
  static Object known(@Nullable Object outcome) {
    return outcome != null ? outcome : new IllegalStateException("Kafka reported no outcome.");
  }

  /** Whether it has an outcome. */
  boolean isEnded();

  /** The producer that took it reports no outcome any more; on any thread. */
  void lost(Exception why);

  /** On the acknowledgement thread: passes the outcome on to the user. */
  void deliver();
}
