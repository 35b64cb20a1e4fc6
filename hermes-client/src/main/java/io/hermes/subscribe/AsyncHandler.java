package io.hermes.subscribe;

import com.google.protobuf.Message;
import java.util.concurrent.CompletionStage;

/**
 * Starts to handle an event, and says later that it is done. As many may be on their way at once as
 * the subscriber's concurrency.
 *
 * @param <M> the events' protobuf type
 */
@FunctionalInterface
public interface AsyncHandler<M extends Message> {

  /**
   * Starts to handle an event. It is acked when the stage completes; a failed stage, like a throw,
   * goes to the {@link ErrorPolicy}.
   *
   * @param delivery the event and what is around it
   * @return completes when the event is handled; one that never completes blocks the event's key
   * @throws Exception whatever goes wrong before there is a stage
   */
  CompletionStage<?> handle(Delivery<M> delivery) throws Exception;
}
