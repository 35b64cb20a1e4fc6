package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.EventRecord;
import io.hermes.SettingsException;
import io.hermes.Topic;
import io.hermes.kafka.Timeouts;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An event that is delivered to a handler. Immutable, except for the remaining time. Safe for use
 * by any thread.
 *
 * <p>Unit tests of handlers create one with {@link #of(Topic, Message)}.
 *
 * @param <M> the event's protobuf type
 */
public final class Delivery<M extends Message> {

  private final EventRecord<M> record;
  private final int attempt;
  private final Deadline deadline;
  private final @Nullable ObservedAttempt observed;

  Delivery(
      EventRecord<M> record, int attempt, Deadline deadline, @Nullable ObservedAttempt observed) {
    this.record = record;
    this.attempt = attempt;
    this.deadline = deadline;
    this.observed = observed;
  }

  /**
   * A first attempt without a deadline, for unit tests.
   *
   * @param topic the event's topic
   * @param event the event
   * @param <M> the event's type
   * @return a delivery, as if the event had been published
   */
  public static <M extends Message> Delivery<M> of(Topic<M> topic, M event) {
    return new Delivery<>(EventRecord.of(topic, event), 1, new Deadline(), null);
  }

  /**
   * Any delivery, for unit tests.
   *
   * @param record the record
   * @param attempt 1 for the first attempt
   * @param remaining the initial value of {@link #remaining()}
   * @param <M> the event's type
   * @return a delivery
   */
  public static <M extends Message> Delivery<M> of(
      EventRecord<M> record, int attempt, Duration remaining) {
    if (attempt < 1) {
      throw new SettingsException("An attempt is 1 or more, not " + attempt + ".", null);
    }
    Deadline deadline = new Deadline();
    deadline.set(System.nanoTime() + Timeouts.nanos(remaining));
    return new Delivery<>(record, attempt, deadline, null);
  }

  /**
   * The event.
   *
   * @throws io.hermes.UndecodableEventException for a tombstone; only tombstone handlers receive
   *     those
   */
  public M event() {
    return record.event();
  }

  /** The event's record: position, key, headers, bytes. */
  public EventRecord<M> record() {
    return record;
  }

  /** 1 for the first attempt, 2 for the first retry. Counted in memory: a restart resets it. */
  public int attempt() {
    return attempt;
  }

  /** Who follows this attempt; null if nobody does. */
  @Nullable ObservedAttempt observed() {
    return observed;
  }

  /**
   * How long the handler may still run. Once its partition is being revoked or the subscriber is
   * closing, the handler is interrupted when this time is over, and its result is dropped.
   *
   * @return zero when the time is over; practically unlimited (292 years) while nothing waits for
   *     the handler
   */
  public Duration remaining() {
    return deadline.remaining();
  }

  /**
   * Carries this attempt's context (trace, MDC) to other threads, for the stages of an asynchronous
   * handler: {@code supplyAsync(() -> call(event), delivery.withContext(pool))}.
   *
   * @param executor runs the tasks
   * @return an executor that opens the context around each task; {@code executor} itself if nothing
   *     observes the subscriber
   */
  public Executor withContext(Executor executor) {
    return observed == null ? executor : observed.within(executor);
  }

  /** Position and attempt; never the content. */
  @Override
  public String toString() {
    return "Delivery[" + record + ", attempt " + attempt + "]";
  }
}
