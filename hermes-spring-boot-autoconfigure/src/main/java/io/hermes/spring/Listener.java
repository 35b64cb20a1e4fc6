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
     * @return the builder
     */
    SubscriberBuilder<?> addTo(SubscriberBuilder<?> builder, int maxBatch) {
      return adding.addTo(builder, maxBatch);
    }
  }

  /** Adds a handler to a subscriber. */
  @FunctionalInterface
  interface Adding {

    /** See {@link Registration#addTo}. */
    SubscriberBuilder<?> addTo(SubscriberBuilder<?> builder, int maxBatch);
  }

  static <M extends Message> Registration on(Class<M> type, Handler<M> handler) {
    return new Registration(type, (builder, maxBatch) -> builder.on(type, handler));
  }

  static <M extends Message> Registration onTombstone(Class<M> type, Handler<M> handler) {
    return new Registration(type, (builder, maxBatch) -> builder.onTombstone(type, handler));
  }

  static <M extends Message> Registration onAsync(Class<M> type, AsyncHandler<M> handler) {
    return new Registration(type, (builder, maxBatch) -> builder.onAsync(type, handler));
  }

  static <M extends Message> Registration onBatch(Class<M> type, BatchHandler<M> handler) {
    return new Registration(type, (builder, maxBatch) -> builder.onBatch(type, maxBatch, handler));
  }
}
