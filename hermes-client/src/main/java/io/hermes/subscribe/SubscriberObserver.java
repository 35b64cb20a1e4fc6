package io.hermes.subscribe;

import io.hermes.publish.OutgoingEvent;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Observes each attempt to handle events, and receives all calls of a {@link SubscriberListener}:
 * the extension point for traces, metrics and logs. Pass it to {@link SubscriberBuilder#observer}.
 *
 * <p>Observers begin and open their scopes in the order in which they were added, and close and end
 * in reverse order. An exception from one observer has no effect on the event or on the other
 * observers: it is logged the first time and counted in {@link
 * SubscriberHealth.Counts#observerFailures()}. Methods are called on the threads that handle
 * events, so they must not block.
 */
public interface SubscriberObserver extends SubscriberListener {

  /**
   * The subscriber starts. Called once, on the thread that starts it, before it handles anything.
   *
   * @param group its consumer group
   * @param clientId the client id of its consumer, unique in this JVM
   * @param health supplies the current health, for gauges
   * @return runs once, on a thread of its own, after the subscriber has closed: unregister here
   *     what was registered. {@code close} waits for it until the close deadline, and for at least
   *     a second. A failed subscriber remains visible, with the state {@code FAILED}, until it is
   *     closed.
   */
  default Runnable started(String group, String clientId, Supplier<SubscriberHealth> health) {
    return () -> {};
  }

  /**
   * The figures about partitions in {@link SubscriberHealth} were updated: assignment, lag and
   * records in flight. Called by the poll thread, up to five times a second.
   *
   * @param clientId the client id that was passed to {@link #started}
   * @param health the current health
   */
  default void measured(String clientId, SubscriberHealth health) {}

  /**
   * An attempt begins: a record, or a batch of them, is about to be handled. Called on the thread
   * that handles it, also for a record whose handler is never called because it cannot be decoded
   * or has no handler.
   *
   * @param call what is passed to the handler
   * @return observes this attempt; null to ignore it
   */
  default @Nullable Attempt attempt(HandlerCall call) {
    return null;
  }

  /** One attempt. Only {@link #open} and {@link #sending} may be called by two threads at once. */
  interface Attempt {

    /**
     * User code of this attempt is about to run on this thread: put its context (span, MDC) in
     * place. Called around the handler, around the listener's callbacks for a retry, a skip or a
     * written dead-letter record, and around tasks run by {@link Delivery#withContext}. These may
     * run on different threads, and with {@code withContext} on several at once.
     *
     * @return closed on the same thread after the user code
     */
    default Scope open() {
      return () -> {};
    }

    /**
     * The handler of a {@link HermesPipe} emits an event, or a tombstone. Called on the handler's
     * thread, within {@link #open}, before the record is built, so headers may be added. The record
     * is written only if the attempt succeeds, and becomes visible when its transaction commits.
     *
     * @param event the event and its headers; its client id is empty
     */
    default void emitting(OutgoingEvent event) {}

    /**
     * This thread is about to send output of this attempt with Kafka's producer: a dead-letter
     * record, which has the headers of the failed record, or the events that a pipe's handler
     * emitted. Code that other libraries hook into the producer, such as an OpenTelemetry agent,
     * runs within this scope. Called again when the output is sent again.
     *
     * @return closed on the same thread as soon as the producer has accepted or refused the output
     */
    default Scope sending() {
      return () -> {};
    }

    /**
     * The attempt is over, and the outcome of its records is decided but not yet carried out: a
     * dead-letter record is still to be written. Called once, before the records are acked, retried
     * or given up. If a batch fails in part, its other records may be acked before this call.
     */
    default void ended(HandlerOutcome outcome) {}
  }

  /** The context that {@link Attempt#open} or {@link Attempt#sending} has put in place. */
  interface Scope extends AutoCloseable {

    /** Restores the thread's previous context. */
    @Override
    void close();
  }
}
