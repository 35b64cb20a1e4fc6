package io.hermes.subscribe;

import com.google.protobuf.Message;
import org.apache.kafka.common.serialization.Deserializer;

/** What is done with a record. Immutable. */
sealed interface Route {

  /** It is acked unhandled, and counted. */
  record Ignore() implements Route {}

  /** A handler takes it; of a tombstone nothing is decoded. */
  record Single<M extends Message>(
      Deserializer<? extends M> deserializer, boolean decodes, Handler<M> handler)
      implements Route {}

  /** A handler starts to take it. */
  record Async<M extends Message>(Deserializer<? extends M> deserializer, AsyncHandler<M> handler)
      implements Route {}

  /**
   * A handler takes it together with those of the same route that follow it.
   *
   * @param failsSingly whether one may fail and those after it be acked
   */
  record Batch<M extends Message>(
      Deserializer<? extends M> deserializer,
      int most,
      boolean failsSingly,
      BatchHandler<M> handler)
      implements Route {}
}
