package io.hermes.spring;

import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.header.Header;

/** Adds the trace context of the publishing transaction to an event of the outbox. */
@FunctionalInterface
interface OutboxTrace {

  /** No trace. */
  OutboxTrace NONE = insertion -> insertion.accept(List.of());

  /**
   * Runs the insertion of events.
   *
   * @param insertion receives the headers with the current trace context; empty if there is none
   */
  void around(Consumer<List<Header>> insertion);
}
