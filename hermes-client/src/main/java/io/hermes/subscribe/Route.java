package io.hermes.subscribe;

import com.google.protobuf.Message;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/** How a record is handled. Immutable. */
sealed interface Route {

  /** The record is acked without a handler, and counted. */
  record Ignore() implements Route {}

  /** A handler handles the record; a tombstone is not decoded. */
  record Single<M extends Message>(Decoder<M> decoder, boolean decodes, Call<M> handler)
      implements Route {}

  /** A route to a handler that returns nothing. */
  static <M extends Message> Single<M> single(
      Decoder<M> decoder, boolean decodes, Handler<M> handler) {
    return new Single<>(
        decoder,
        decodes,
        delivery -> {
          handler.handle(delivery);
          return List.of();
        });
  }

  /** Calls a handler for one record. */
  @FunctionalInterface
  interface Call<M extends Message> {

    /** Returns the records that the handler emitted, for a pipe to write. */
    List<ProducerRecord<byte[], byte[]>> handle(Delivery<M> delivery) throws Exception;
  }

  /** An asynchronous handler handles the record. */
  record Async<M extends Message>(Decoder<M> decoder, AsyncHandler<M> handler) implements Route {}

  /**
   * A handler handles the record together with its successors of the same route.
   *
   * @param most the largest batch
   * @param failsSingly whether a record may fail while later ones are acked
   */
  record Batch<M extends Message>(
      Decoder<M> decoder, int most, boolean failsSingly, BatchHandler<M> handler)
      implements Route {}
}
