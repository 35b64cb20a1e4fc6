package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.subscribe.AsyncHandler;
import io.hermes.subscribe.BatchHandler;
import io.hermes.subscribe.Handler;
import io.hermes.subscribe.HermesPipe;
import io.hermes.subscribe.HermesSubscriber;
import io.hermes.subscribe.PipeBuilder;
import io.hermes.subscribe.PipeHandler;
import io.hermes.subscribe.SubscriberBuilder;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One handler of the application, and how to subscribe it. Immutable.
 *
 * @param name the method or the bean, for errors
 * @param annotation its settings; null for a bean without an annotation
 * @param registration adds it to the subscriber of its group
 */
record Listener(
    String name, @Nullable HermesListener annotation, Listener.Registration registration) {

  /** Whether its annotation has {@code once = true}. */
  boolean once() {
    return annotation != null && annotation.once();
  }

  /** Returns the types that it emits; empty unless it is a pipe. */
  List<Class<? extends Message>> outputs() {
    return outputs(annotation);
  }

  private static List<Class<? extends Message>> outputs(@Nullable HermesListener annotation) {
    return annotation == null ? List.of() : List.of(annotation.to());
  }

  /**
   * Checks that a handler with an emitter declares types to emit, and vice versa.
   *
   * @param unfit why the handler cannot be a pipe; null if it can
   * @throws InvalidPropertyException if the check fails
   */
  static void checkPipe(
      String name, boolean emits, @Nullable HermesListener annotation, @Nullable String unfit) {
    List<Class<? extends Message>> to = outputs(annotation);
    if (emits && unfit != null) {
      throw new InvalidPropertyException(
          name + " emits events, but " + unfit,
          "A pipe handles one event in one Kafka transaction: take the event or its Delivery, and an"
              + " Emitter, and return void.",
          null);
    }
    if (emits && to.isEmpty()) {
      throw new InvalidPropertyException(
          name + " emits events, but does not name their types.",
          "Name them in its @HermesListener: to = OrderPlaced.class, with your types.",
          null);
    }
    if (!emits && !to.isEmpty()) {
      throw new InvalidPropertyException(
          name
              + " has to = "
              + to.stream().map(Class::getSimpleName).toList()
              + ", but takes no Emitter.",
          "Take an Emitter as the second argument; a bean must be a PipeHandler. To publish without a"
              + " transaction, inject a HermesPublisher and remove to.",
          null);
    }
  }

  /** Returns why the handler cannot be a pipe; null if it can. */
  static @Nullable String onceOrTombstones(@Nullable HermesListener annotation) {
    if (annotation != null && annotation.once()) {
      return "has once = true: a Kafka transaction cannot include a database transaction.";
    }
    return annotation != null && annotation.tombstones() ? "handles tombstones." : null;
  }

  /** Returns the error for a handler that cannot be combined with {@code once = true}. */
  static InvalidPropertyException notOnce(String name, String why) {
    return new InvalidPropertyException(
        name + " has once = true, but " + why,
        "Let it return void, or make it idempotent without once.",
        null);
  }

  /**
   * A handler that can be added to a subscriber, or that makes up a pipe.
   *
   * @param type the type of the events
   * @param pipe creates the pipe; null for a handler that emits nothing
   */
  record Registration(Class<? extends Message> type, Adding adding, @Nullable Piping pipe) {

    Registration(Class<? extends Message> type, Adding adding) {
      this(type, adding, null);
    }

    /**
     * Adds the handler.
     *
     * @param builder builds the subscriber
     * @param maxBatch the largest batch, for a handler of batches
     * @param effects how often an event has its effect
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

  /** Creates the pipe of a handler. */
  @FunctionalInterface
  interface Piping {

    /**
     * Configures a builder of the pipe.
     *
     * @return builds a new, not yet started pipe on each call
     */
    Supplier<HermesSubscriber> with(Consumer<PipeBuilder<?>> settings);
  }

  static <M extends Message> Registration pipe(Class<M> type, PipeHandler<M> handler) {
    return new Registration(
        type,
        (builder, maxBatch, effects) -> builder,
        settings -> {
          PipeBuilder<M> builder = HermesPipe.from(type);
          settings.accept(builder);
          return () -> builder.build(handler);
        });
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
