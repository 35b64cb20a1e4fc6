package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.subscribe.AsyncHandler;
import io.hermes.subscribe.BatchHandler;
import io.hermes.subscribe.Handler;
import io.hermes.subscribe.SubscriberBuilder;
import org.jspecify.annotations.Nullable;

/**
 * One handler of the application, and how it wants to be subscribed. Immutable.
 *
 * @param name the method or the bean, for errors
 * @param annotation its settings; null for a bean without
 * @param registration adds it to the subscriber of its group
 */
record Listener(
    String name, @Nullable HermesListener annotation, Listener.Registration registration) {

  /** Whether its annotation says that each event has one effect. */
  boolean once() {
    return annotation != null && annotation.once();
  }

  /** What cannot be combined with {@code once = true}, and why. */
  static InvalidPropertyException notOnce(String name, String why) {
    return new InvalidPropertyException(
        name + " has once = true, but " + why,
        "Let it return void, or make it idempotent without once.",
        null);
  }

  /**
   * A handler that can be added to a subscriber.
   *
   * @param type of the events
   */
  record Registration(Class<? extends Message> type, Adding adding) {

    /**
     * Adds the handler.
     *
     * @param builder builds the subscriber
     * @param maxBatch the largest batch, for a handler of batches
     * @param effects whether events have their effect once
     * @return the builder
     */
    SubscriberBuilder<?> addTo(SubscriberBuilder<?> builder, int maxBatch, Effects effects) {
      return adding.addTo(builder, maxBatch, effects);
    }
  }

  /** Adds a handler to a subscriber. */
  @FunctionalInterface
  interface Adding {

    /** See {@link Registration#addTo}. */
    SubscriberBuilder<?> addTo(SubscriberBuilder<?> builder, int maxBatch, Effects effects);
  }

  static <M extends Message> Registration on(Class<M> type, Handler<M> handler) {
    return new Registration(
        type, (builder, maxBatch, effects) -> builder.on(type, effects.single(handler)));
  }

  static <M extends Message> Registration onTombstone(Class<M> type, Handler<M> handler) {
    return new Registration(
        type, (builder, maxBatch, effects) -> builder.onTombstone(type, handler));
  }

  static <M extends Message> Registration onAsync(Class<M> type, AsyncHandler<M> handler) {
    return new Registration(type, (builder, maxBatch, effects) -> builder.onAsync(type, handler));
  }

  static <M extends Message> Registration onBatch(Class<M> type, BatchHandler<M> handler) {
    return new Registration(
        type,
        (builder, maxBatch, effects) -> builder.onBatch(type, maxBatch, effects.batch(handler)));
  }
}
