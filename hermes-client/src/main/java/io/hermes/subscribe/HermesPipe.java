package io.hermes.subscribe;

import com.google.protobuf.Message;
import io.hermes.Topic;

/**
 * Handles events and emits others exactly once: what a handler emits is committed in one Kafka
 * transaction with the offset of the event it handled.
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
 * observers. Its dead-letter records are part of the transaction. Transactions are committed every
 * 100 ms by default. An event whose handler takes longer, or that waits for a retry, is committed
 * in a later transaction and delays no other key. While a commit waits for the brokers, the pipe
 * keeps receiving and handling events.
 *
 * <p>Exactly-once applies to readers with {@code isolation.level=read_committed}, as all Hermes
 * readers are, and within one Kafka cluster. Other side effects of a handler may be repeated. See
 * {@code docs/exactly-once.md}.
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

  /** Like {@link #from(Class)}, for a contract defined in code. */
  public static <M extends Message> PipeBuilder<M> from(Topic<M> topic) {
    return new PipeBuilder<>(topic);
  }
}
