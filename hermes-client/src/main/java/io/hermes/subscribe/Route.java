package io.hermes.subscribe;

import com.google.protobuf.Message;

/** What is done with a record. Immutable. */
sealed interface Route {

  /** It is acked unhandled, and counted. */
  record Ignore() implements Route {}

  /** A handler takes it; of a tombstone nothing is decoded. */
  record Single<M extends Message>(Decoder<M> decoder, boolean decodes, Handler<M> handler)
      implements Route {}

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
