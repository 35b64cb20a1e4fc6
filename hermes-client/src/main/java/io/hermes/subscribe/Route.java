package io.hermes.subscribe;

import com.google.protobuf.Message;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What is done with a record. Immutable. */
sealed interface Route {

  /** It is acked unhandled, and counted. */
  record Ignore() implements Route {}

  /** A handler takes it; of a tombstone nothing is decoded. */
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

    /** Returns the records that the handler has emitted, which a pipe writes. */
    List<ProducerRecord<byte[], byte[]>> handle(Delivery<M> delivery) throws Exception;
  }

  /** A handler starts to take it. */
  record Async<M extends Message>(Decoder<M> decoder, AsyncHandler<M> handler) implements Route {}

  /**
   * A handler takes it together with those of the same route that follow it.
   *
   * @param failsSingly whether one may fail and those after it be acked
   */
  record Batch<M extends Message>(
      Decoder<M> decoder, int most, boolean failsSingly, BatchHandler<M> handler)
      implements Route {}
}
