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
 * <p>A handler that returns acks its event; one that throws gives it to the {@link ErrorPolicy}.
 * Events of one key are handled one after the other, events of other keys at the same time. No
 * event is skipped; after a crash, and when a partition moves to another member, events may be
 * handled again, so a handler bears that.
 *
 * <p>Safe for any thread.
 */
public interface HermesSubscriber extends AutoCloseable {

  /**
   * For events of one type: give the handler to {@link SubscriberBuilder#start(Handler)}.
   *
   * @param type the events' class, whose schema has the contract
   * @param <M> the events' type
   * @return a new builder
   */
  static <M extends Message> SubscriberBuilder<M> builder(Class<M> type) {
    return builder(Topic.of(type));
  }

  /** As {@link #builder(Class)}, with a contract that the program wrote. */
  static <M extends Message> SubscriberBuilder<M> builder(Topic<M> topic) {
    return new SubscriberBuilder<>(topic);
  }

  /**
   * For events of several types: name each by {@link SubscriberBuilder#on} or its like.
   *
   * @return a new builder
   */
  static SubscriberBuilder<Message> builder() {
    return new SubscriberBuilder<>(null);
  }

  /**
   * Joins the group and begins to handle events. For a subscriber of {@link
   * SubscriberBuilder#build()}; one of {@link SubscriberBuilder#start()} runs already. Takes as
   * long as the settings' open time-out at most. A start that fails may be tried again.
   *
   * @throws io.hermes.BrokerUnavailableException if no broker answers within the open time-out
   * @throws io.hermes.UnknownTopicException if a topic is not there
   * @throws io.hermes.AccessException if the principal lacks a right, or a dead letter topic can
   *     not be made
   * @throws io.hermes.HermesException if it was started or closed before
   */
  void start();

  /** Receives nothing more until {@link #resume()}; what was received is handled. */
  void pause();

  /** Receives again after {@link #pause()}. */
  void resume();

  /**
   * Receives nothing more, handles everything that was received, commits, and closes.
   *
   * @param timeout when to stop waiting: then as {@link #close()}, what is not finished is handled
   *     by who has the partition next
   * @return whether everything was finished in time
   */
  boolean drain(Duration timeout);

  /**
   * Starts no handler any more, waits for those that run, commits, and leaves the group. A handler
   * that still runs near the end of that time is interrupted, and its event is not acked. If the
   * group rebalances just then, the commit waits for the end of that, within the same time. Called
   * from a handler it returns at once, and the subscriber closes after that handler.
   *
   * @param timeout how long it may take
   * @return whether all handlers ended in time
   */
  boolean close(Duration timeout);

  /** As {@link #close(Duration)} with 30 seconds. */
  @Override
  void close();

  /**
   * For a {@code main}: returns when the subscriber is closed. On SIGTERM and Ctrl-C it closes, and
   * the JVM waits for that.
   *
   * @throws io.hermes.HermesException the cause, if the subscriber ended by itself
   */
  void runUntilShutdown();

  /**
   * Completes when the subscriber is closed; exceptionally if it ended by itself.
   *
   * @return a future that only the subscriber completes
   */
  CompletableFuture<Void> completion();

  /** How it is, at this moment. */
  SubscriberHealth health();

  /** How it was built. */
  SubscriberConfig config();
}
