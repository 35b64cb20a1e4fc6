package io.hermes.spring;

import java.util.List;
import org.apache.kafka.common.header.Header;

/** Gives an event of the outbox the trace of the transaction that publishes it. */
@FunctionalInterface
interface OutboxTrace {

  /** No trace. */
  OutboxTrace NONE = List::of;

  /** The headers with the current trace context; empty if there is none. */
  List<Header> headers();
}
