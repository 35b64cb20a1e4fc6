package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.subscribe.BatchHandler;
import io.hermes.subscribe.Handler;

/** Whether a redelivered event has its effect again. Implementations are thread-safe. */
interface Effects {

  /** Each delivery has its effect: handlers are not wrapped. */
  Effects EACH_TIME =
      new Effects() {
        @Override
        public <M extends Message> Handler<M> single(Handler<M> handler) {
          return handler;
        }

        @Override
        public <M extends Message> BatchHandler<M> batch(BatchHandler<M> handler) {
          return handler;
        }
      };

  /** Returns the handler that a subscriber calls instead of the given one. */
  <M extends Message> Handler<M> single(Handler<M> handler);

  /** See {@link #single}. */
  <M extends Message> BatchHandler<M> batch(BatchHandler<M> handler);

  /** Creates the effects of listeners with {@code once = true}; a bean if there is an inbox. */
  @FunctionalInterface
  interface Once {

    /**
     * Creates the effects of one listener.
     *
     * @param listener its name, for errors
     * @param group its group, which is the consumer in the inbox
     * @param type the type of its events
     * @throws InvalidPropertyException if the application lacks something that this requires
     */
    Effects of(String listener, String group, Class<? extends Message> type);
  }
}
