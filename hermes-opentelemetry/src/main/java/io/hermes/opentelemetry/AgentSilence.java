package io.hermes.opentelemetry;

import io.opentelemetry.api.impl.InstrumentationUtil;
import io.opentelemetry.context.Context;

/**
 * Keeps other instrumentation of Kafka's producer quiet: an OpenTelemetry agent, or the library
 * that wraps Kafka's clients. Either would make a second span of each event, and replace the trace
 * context in its headers by that span's.
 */
final class AgentSilence {

  /** While this is current, that instrumentation does nothing. */
  static final Context CONTEXT = context();

  private AgentSilence() {}

  private static Context context() {
    Context[] silent = {Context.root()};
    try {
      Context.root()
          .wrap(
              () ->
                  InstrumentationUtil.suppressInstrumentation(() -> silent[0] = Context.current()))
          .run();
    } catch (LinkageError e) {
      // The service has an opentelemetry-api before 1.63, which has no such method.
    }
    return silent[0];
  }
}
