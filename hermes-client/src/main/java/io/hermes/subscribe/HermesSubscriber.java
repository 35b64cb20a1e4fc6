package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.Topic;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Handles the events of one or more topics as a member of a consumer group.
 *
 * <pre>{@code
 * HermesSubscriber subscriber = HermesSubscriber.builder(UserEvent.class)
 *     .group("billing")
 *     .concurrency(64)
 *     .onError(ErrorPolicy.retry(5).backoff(ofMillis(100), ofSeconds(10)).thenDeadLetter())
 *     .start(delivery -> bill(delivery.event()));
 * subscriber.runUntilShutdown();
 * }</pre>
 *
 * <p>A handler acks its event by returning; if it throws, the {@link ErrorPolicy} decides. Events
 * with the same key are handled one after another, events with different keys concurrently.
 * Delivery is at-least-once: no event is skipped, and events may be redelivered after a crash or
 * when a partition moves to another member, so handlers must be idempotent.
 *
 * <p>Thread-safe.
 */
public interface HermesSubscriber extends AutoCloseable {

  /**
   * Subscribes to events of one type. Pass the handler to {@link SubscriberBuilder#start(Handler)}.
   *
   * @param type the events' class; its schema declares the contract
   * @param <M> the events' type
   * @return a new builder
   */
  static <M extends Message> SubscriberBuilder<M> builder(Class<M> type) {
    return builder(Topic.of(type));
  }

  /** Like {@link #builder(Class)}, for a contract defined in code. */
  static <M extends Message> SubscriberBuilder<M> builder(Topic<M> topic) {
    return new SubscriberBuilder<>(topic);
  }

  /**
   * Subscribes to events of several types. Add each with {@link SubscriberBuilder#on}, {@code
   * onAsync} or {@code onBatch}.
   *
   * @return a new builder
   */
  static SubscriberBuilder<Message> builder() {
    return new SubscriberBuilder<>(null);
  }

  /**
   * Joins the group and starts handling events. Call it on a subscriber from {@link
   * SubscriberBuilder#build()}; one from {@link SubscriberBuilder#start()} is already running.
   * Takes at most the settings' open timeout. A failed start may be retried.
   *
   * @throws io.hermes.BrokerUnavailableException if no broker responds within the open timeout
   * @throws io.hermes.UnknownTopicException if a topic does not exist
   * @throws io.hermes.AccessException if the principal lacks a permission, or a dead-letter topic
   *     cannot be created
   * @throws io.hermes.HermesException if it was already started or closed
   */
  void start();

  /** Stops fetching until {@link #resume()}; records already received are still handled. */
  void pause();

  /** Fetches again after {@link #pause()}. */
  void resume();

  /**
   * Stops fetching, handles every record already received, commits, and closes.
   *
   * @param timeout how long to wait; records that are not finished by then are redelivered to the
   *     next owner of their partition, as with {@link #close()}
   * @return whether every record was finished in time
   */
  boolean drain(Duration timeout);

  /**
   * Starts no more handlers, waits for the running ones, commits, and leaves the group. A handler
   * that is still running shortly before the timeout is interrupted, and its event is not acked. If
   * the group is rebalancing, the commit waits for the rebalance to end, within the same timeout.
   * When called from a handler, it returns immediately and the subscriber closes after that
   * handler.
   *
   * @param timeout the longest wait
   * @return whether all handlers ended in time
   */
  boolean close(Duration timeout);

  /** Closes within 30 seconds, see {@link #close(Duration)}. */
  @Override
  void close();

  /**
   * Blocks until the subscriber is closed, for a {@code main} method. On SIGTERM or Ctrl-C the
   * subscriber closes before the JVM exits.
   *
   * @throws io.hermes.HermesException if the subscriber failed; carries the cause
   */
  void runUntilShutdown();

  /**
   * Completes when the subscriber is closed; exceptionally if it failed.
   *
   * @return a copy: completing it has no effect on the subscriber
   */
  CompletableFuture<Void> completion();

  /** The current health. */
  SubscriberHealth health();

  /** The configuration this subscriber was built with. */
  SubscriberConfig config();
}
