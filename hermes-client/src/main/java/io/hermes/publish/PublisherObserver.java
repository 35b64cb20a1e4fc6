package io.hermes.publish;

import io.hermes.PublishRejectedException;
import io.hermes.PublishUnknownException;
import io.hermes.Topic;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows every event of a publisher from {@code publish} to its outcome: the extension point for
 * traces and metrics. Pass it to the publisher's builder.
 *
 * <p>In a {@link TransactionalPublisher}, {@code publishing} is called when the event is added to
 * the transaction. The outcome is that of the transaction, and is reported on the thread that
 * called {@code transaction}. {@code sending} is called on the writing thread, once for each
 * attempt to write the transaction.
 *
 * <p>Several observers start in the order in which they were added and end in the reverse order. If
 * an observer throws, the event and the other observers are unaffected: the exception is logged the
 * first time and counted in {@link PublisherHealth#observerFailures()}. Methods are called on the
 * publisher's hot path and must not block.
 */
public interface PublisherObserver {

  /**
   * The publisher is open. Called once, on the thread that opens it.
   *
   * @param clientId the client id of its producer, which no other producer of this JVM has
   * @param topics the topics that it serves
   * @param health returns the current health, for gauges
   * @return runs once, when the publisher has closed, on its own thread: unregister gauges here.
   *     {@code close} waits for it until its deadline, and for at least a second.
   */
  default Runnable opened(
      String clientId, List<Topic<?>> topics, Supplier<PublisherHealth> health) {
    return () -> {};
  }

  /**
   * An event is about to be published. Called on the caller's thread, before the publisher waits
   * for room and before the record is built, so it may add headers. Not called for a message type
   * that the publisher does not serve, since such an event has no topic.
   *
   * @param event the event and its headers
   * @return follows this event to its outcome; null to ignore it
   */
  @Nullable Publication publishing(OutgoingEvent event);

  /**
   * One event being published. Exactly one of {@code acknowledged}, {@code rejected} and {@code
   * unknown} is called, once, before the event's future completes.
   */
  interface Publication {

    /**
     * The record, complete with its headers, is about to be given to Kafka's producer. Called on
     * the caller's thread; not called for an event that is rejected before that. Code that other
     * libraries hook into the producer, such as an OpenTelemetry agent, runs between this call and
     * the returned Runnable.
     *
     * @return runs on the same thread as soon as the producer has accepted or refused the record
     */
    default Runnable sending() {
      return () -> {};
    }

    /** All in-sync replicas have the event. Called on the acknowledgement thread. */
    default void acknowledged(Receipt receipt) {}

    /**
     * The event was definitely not written. Called on the caller's thread, or on the
     * acknowledgement thread if a broker refused the event.
     */
    default void rejected(PublishRejectedException why) {}

    /** The event may or may not have been written. Called on the acknowledgement thread. */
    default void unknown(PublishUnknownException why) {}
  }
}
