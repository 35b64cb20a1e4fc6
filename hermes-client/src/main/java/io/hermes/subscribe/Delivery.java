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
 * An event delivered to a handler. Immutable, except for the remaining time. Thread-safe.
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
   * A delivery with the given attempt and remaining time, for unit tests.
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

  /** The observers of this attempt; null if there are none. */
  @Nullable ObservedAttempt observed() {
    return observed;
  }

  /**
   * How long the handler may still run. The deadline is set when its partition is given up or the
   * subscriber closes. At the deadline the handler is interrupted and its result is dropped.
   *
   * @return zero after the deadline; 292 years, practically unlimited, while there is no deadline
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
