package io.hermes.subscribe;

import com.google.protobuf.Message;

/**
 * Handles one event of a {@link HermesPipe}. Many workers call it concurrently, but never two for
 * the same key (see {@link ProcessingOrder}).
 *
 * <p>What it emits takes effect exactly once. Its other side effects, such as a call to a database
 * or another service, may be repeated, because the handler is called again after an abort.
 *
 * @param <M> the type of the handled events
 */
@FunctionalInterface
public interface PipeHandler<M extends Message> {

  /**
   * Handles one event. Returning acks the event, and all emitted events are written; throwing drops
   * them and passes the event to the {@link ErrorPolicy}.
   *
   * @param delivery the event with its record, attempt number and deadline
   * @param out emits events
   * @throws Exception any failure
   */
  void handle(Delivery<M> delivery, Emitter out) throws Exception;
}
