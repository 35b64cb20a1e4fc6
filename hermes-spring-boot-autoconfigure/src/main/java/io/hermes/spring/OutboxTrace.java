package io.hermes.spring;

import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.header.Header;

/** Gives an event of the outbox the trace of the transaction that publishes it. */
@FunctionalInterface
interface OutboxTrace {

  /** No trace. */
  OutboxTrace NONE = insertion -> insertion.accept(List.of());

  /**
   * Runs what inserts events.
   *
   * @param insertion is given the headers with the current trace context; empty if there is none
   */
  void around(Consumer<List<Header>> insertion);
}
