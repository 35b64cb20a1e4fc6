package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.Topic;

/**
 * Handles events and emits events, exactly once: what a handler emits and the offset of the event
 * that it handled are committed in one Kafka transaction.
 *
 * <pre>{@code
 * HermesSubscriber pipe = HermesPipe.from(OrderPlaced.class)
 *     .to(Invoice.class, ShippingRequested.class)
 *     .group("billing")
 *     .start((delivery, out) -> {
 *       out.emit(invoice(delivery.event()));
 *       out.emit(shipping(delivery.event()));
 *     });
 * pipe.runUntilShutdown();
 * }</pre>
 *
 * <p>A pipe is a {@link HermesSubscriber}, with the same order, error policy, lifecycle, health and
 * observers. Its dead letters are in the transaction, too. Transactions are committed every 100 ms
 * by default; a handler that takes longer, or an event that waits for its retry, belongs to a later
 * one and holds up no other key. While a commit waits for the brokers, the pipe goes on receiving
 * and handling events.
 *
 * <p>Exactly once holds for what readers with {@code isolation.level=read_committed} see, as all of
 * Hermes' do. It holds inside one Kafka cluster only: other effects of a handler may be repeated.
 * See {@code docs/exactly-once.md}.
 */
public final class HermesPipe {

  private HermesPipe() {}

  /**
   * A pipe that handles events of one type.
   *
   * @param type the events' class; its schema declares the contract
   * @param <M> the events' type
   * @return a new builder
   */
  public static <M extends Message> PipeBuilder<M> from(Class<M> type) {
    return from(Topic.of(type));
  }

  /** Like {@link #from(Class)}, for a contract that is written in code. */
  public static <M extends Message> PipeBuilder<M> from(Topic<M> topic) {
    return new PipeBuilder<>(topic);
  }
}
