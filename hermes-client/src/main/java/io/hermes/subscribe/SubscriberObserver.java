package io.hermes.subscribe;

import io.hermes.publish.OutgoingEvent;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows each attempt of a subscriber to handle events, and receives all calls of a {@link
 * SubscriberListener}: the extension point for traces, metrics and logs. Pass it to {@link
 * SubscriberBuilder#observer}.
 *
 * <p>Several observers begin and open their scopes in the order in which they were added, and close
 * and end in the reverse order. An exception that one throws has no effect on the event or on the
 * other observers: it is logged the first time and counted in {@link
 * SubscriberHealth.Counts#observerFailures()}. Methods are called on the threads that handle
 * events, so they must not block.
 */
public interface SubscriberObserver extends SubscriberListener {

  /**
   * The subscriber starts. Called once, on the thread that starts it, before it handles anything.
   *
   * @param group its consumer group
   * @param clientId the client id of its consumer, which no other consumer of this JVM has
   * @param health how it is whenever it is asked, for gauges
   * @return runs once, when the subscriber has closed, on a thread of its own: remove here what was
   *     registered. {@code close} waits for it until its deadline, and for at least a second. A
   *     subscriber that fails stays visible, with the state {@code FAILED}, until it is closed.
   */
  default Runnable started(String group, String clientId, Supplier<SubscriberHealth> health) {
    return () -> {};
  }

  /**
   * What {@link SubscriberHealth} says of partitions was brought up to date: their assignment, lag
   * and records in flight. Called by the poll thread, up to five times a second.
   *
   * @param clientId the one that {@link #started} was called with
   * @param health how the subscriber is now
   */
  default void measured(String clientId, SubscriberHealth health) {}

  /**
   * An attempt begins: a record, or a batch of them, is about to be handled. Called on the thread
   * that handles it, also for a record whose handler is never called because it cannot be decoded
   * or has no handler.
   *
   * @param call what the handler is called with
   * @return follows this attempt; null to ignore it
   */
  default @Nullable Attempt attempt(HandlerCall call) {
    return null;
  }

  /** One attempt. Its methods are never called by two threads at once. */
  interface Attempt {

    /**
     * User code of this attempt is about to run on this thread, so a context (span, MDC) is put in
     * place. Called around the handler, around the listener's calls about a retry or a skip, around
     * its call about a written dead letter, and around what runs in {@link Delivery#withContext}.
     * Those may be different threads, and with {@code withContext} several at once.
     *
     * @return closed by the same thread after that code
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
     * What came of a record of this attempt is about to be given to Kafka's producer, on this
     * thread: its dead letter, with the headers of the record, or what the handler of a pipe has
     * emitted. What other libraries hook into the producer, such as an OpenTelemetry agent, runs
     * within this scope. Called again when it is sent again.
     *
     * @return closed by the same thread as soon as the producer has it, or has refused it
     */
    default Scope sending() {
      return () -> {};
    }

    /**
     * The attempt is over, and what becomes of its records is decided, not yet done: a dead letter
     * is still to be written. Called once, before the records are acked, retried or given up.
     */
    default void ended(HandlerOutcome outcome) {}
  }

  /** What {@link Attempt#open} has put in place. */
  interface Scope extends AutoCloseable {

    /** Puts the thread back to how it was. */
    @Override
    void close();
  }
}
