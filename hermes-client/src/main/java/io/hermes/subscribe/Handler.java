package io.hermes.subscribe;

import com.google.protobuf.Message;

/**
 * Handles one event. Many workers call it concurrently, but never two for the same key (see {@link
 * ProcessingOrder}). Delivery is at-least-once, so a handler must be idempotent.
 *
 * @param <M> the events' protobuf type
 */
@FunctionalInterface
public interface Handler<M extends Message> {

  /**
   * Handles one event. Returning acks the event; throwing passes it to the {@link ErrorPolicy}.
   *
   * @param delivery the event with its record, attempt number and deadline
   * @throws Exception any failure
   */
  void handle(Delivery<M> delivery) throws Exception;
}
