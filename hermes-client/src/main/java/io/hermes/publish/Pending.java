package io.hermes.publish;

import io.hermes.PublishRejectedException;
import org.apache.kafka.clients.producer.Callback;
import org.jspecify.annotations.Nullable;

/**
 * One event being published. The caller's thread creates it and passes it to Kafka with its record.
 * Kafka's I/O thread calls it back. If it goes through the {@link Relay}, the acknowledgement
 * thread delivers it. Each thread hands it to the next through a queue.
 */
interface Pending extends Callback {

  /** Sets the observers that follow it; called before admission. */
  void observed(PublicationObservers.Observed by);

  /**
   * The event has passed admission and is encoded; only {@code send} is still to come.
   *
   * @param keyBytes the size of the key, -1 if there is none
   * @param valueBytes the size of the value, -1 for a tombstone
   * @param charge the bytes that it takes of the budget
   */
  void admitted(Destination to, int keyBytes, int valueBytes, int charge);

  /** The caller's thread is about to call {@code send}. */
  void enterSend();

  /** The caller's thread has left {@code send}; returns why Kafka refused the record in it. */
  @Nullable Exception leaveSend();

  /** Ends the event as rejected, on the caller's thread. */
  void refused(PublishRejectedException why);

  int charge();

  /**
   * Stores the outcome, the record's metadata or an exception, until {@link #deliver}. Kafka may
   * report an outcome while the producer is being given up.
   *
   * @return whether this was the first outcome; later ones have no effect
   */
  boolean ended(@Nullable Object outcome);

  /** Replaces a null outcome by an exception. */
  static Object known(@Nullable Object outcome) {
    return outcome != null ? outcome : new IllegalStateException("Kafka reported no outcome.");
  }

  /** Whether it has an outcome. */
  boolean isEnded();

  /** The producer that accepted it will report no outcome. Called on any thread. */
  void lost(Exception why);

  /** Passes the outcome on to the user, on the acknowledgement thread. */
  void deliver();
}
