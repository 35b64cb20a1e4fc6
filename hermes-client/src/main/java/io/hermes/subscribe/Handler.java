package io.hermes.subscribe;

import com.google.protobuf.Message;

/**
 * Handles one event. Called by many workers at once, never twice at once for one key (see {@link
 * ProcessingOrder}).
 *
 * @param <M> the events' protobuf type
 */
@FunctionalInterface
public interface Handler<M extends Message> {

  /**
   * Handles one event. To return acks it; to throw gives it to the {@link ErrorPolicy}.
   *
   * @param delivery the event and what is around it
   * @throws Exception whatever goes wrong
   */
  void handle(Delivery<M> delivery) throws Exception;
}
