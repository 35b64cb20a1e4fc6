package io.hermes.subscribe;

import com.google.protobuf.Message;
import java.util.List;

/**
 * Handles several events of one partition together, in offset order. Batches of one partition are
 * handled one after another. Delivery is at-least-once, so a handler must be idempotent.
 *
 * @param <M> the events' protobuf type
 */
@FunctionalInterface
public interface BatchHandler<M extends Message> {

  /**
   * Handles events of one partition. Returning acks all of them. Throwing a {@link BatchFailure}
   * acks the events that it reports as done, or none if it names an index outside the batch. Any
   * other exception fails the first event; the others wait for it.
   *
   * @param deliveries one or more events, in the order of their offsets
   * @throws Exception any failure
   */
  void handle(List<Delivery<M>> deliveries) throws Exception;
}
