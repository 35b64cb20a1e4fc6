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
 * An event on its way to a handler. Immutable but for the time that remains; safe for any thread.
 *
 * <p>A handler's unit test makes one by {@link #of(Topic, Message)}.
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
   * @param attempt from 1 on
   * @param remaining what {@link #remaining()} starts from
   * @param <M> the event's type
   * @return a delivery
   */
  public static <M extends Message> Delivery<M> of(
      EventRecord<M> record, int attempt, Duration remaining) {
    if (attempt < 1) {
      throw new SettingsException("Attempts count from 1; it is " + attempt + ".", null);
    }
    Deadline deadline = new Deadline();
    deadline.set(System.nanoTime() + Timeouts.nanos(remaining));
    return new Delivery<>(record, attempt, deadline, null);
  }

  /**
   * The event.
   *
   * @throws io.hermes.UndecodableEventException for a tombstone, which only handlers of tombstones
   *     are given
   */
  public M event() {
    return record.event();
  }

  /** The record that has the event: position, key, headers, bytes. */
  public EventRecord<M> record() {
    return record;
  }

  /** 1 for the first attempt, 2 for the first retry. Counted in memory: a restart begins anew. */
  public int attempt() {
    return attempt;
  }

  /**
   * How long the handler may still take: once the partition is to be given up, or the subscriber
   * closes, it is interrupted at the end of that time and its result dropped.
   *
   * @return zero when the time is over; as good as endless (292 years) as long as nothing waits for
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
   * @return an executor that opens the context around each task; that one itself if nobody observes
   *     the subscriber
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
