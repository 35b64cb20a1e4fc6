package io.hermes.subscribe;

import com.google.protobuf.Message;
import java.util.List;

/**
 * Handles several events of one partition at once, in their order. Batches of one partition come
 * one after the other.
 *
 * @param <M> the events' protobuf type
 */
@FunctionalInterface
public interface BatchHandler<M extends Message> {

  /**
   * Handles events of one partition. To return acks all of them. To throw a {@link BatchFailure}
   * acks those that it says, or none if it names a place that is not in the batch; any other
   * exception fails the first, and with it all.
   *
   * @param deliveries one or more events, in the order of their offsets
   * @throws Exception whatever goes wrong
   */
  void handle(List<Delivery<M>> deliveries) throws Exception;
}
