package io.hermes.subscribe;

import com.google.protobuf.Message;
import java.util.concurrent.CompletionStage;

/**
 * Starts handling an event and completes a stage when it is done. At most as many events as the
 * subscriber's concurrency are in progress at a time. Delivery is at-least-once, so a handler must
 * be idempotent.
 *
 * @param <M> the events' protobuf type
 */
@FunctionalInterface
public interface AsyncHandler<M extends Message> {

  /**
   * Starts handling an event. The event is acked when the stage completes. A stage that fails, or
   * an exception thrown here, passes the event to the {@link ErrorPolicy}.
   *
   * @param delivery the event with its record, attempt number and deadline
   * @return completes when the event is handled; a stage that never completes blocks the event's
   *     key
   * @throws Exception any failure before a stage is returned
   */
  CompletionStage<?> handle(Delivery<M> delivery) throws Exception;
}
