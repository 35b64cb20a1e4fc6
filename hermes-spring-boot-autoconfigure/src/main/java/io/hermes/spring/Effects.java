package io.hermes.spring;

import com.google.protobuf.Message;
import io.hermes.subscribe.BatchHandler;
import io.hermes.subscribe.Handler;

/** Whether a redelivered event has its effect again. Implementations are safe for any thread. */
interface Effects {

  /** Each delivery has its effect: handlers are called as they are. */
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

  /** The handler that a subscriber calls instead of this one. */
  <M extends Message> Handler<M> single(Handler<M> handler);

  /** See {@link #single}. */
  <M extends Message> BatchHandler<M> batch(BatchHandler<M> handler);

  /** Makes the effects of listeners that want each event once; a bean if there is an inbox. */
  @FunctionalInterface
  interface Once {

    /**
     * Of one listener.
     *
     * @param listener its name, for errors
     * @param group its group, which is the consumer in the inbox
     * @param type the type of its events
     * @throws InvalidPropertyException if the application lacks something
     */
    Effects of(String listener, String group, Class<? extends Message> type);
  }
}
